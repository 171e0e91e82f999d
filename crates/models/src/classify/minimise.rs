//! The least of a smooth convex function.

/// How many steps back the shape of the function is remembered.
const MEMORY: usize = 8;
/// A step must bring this share of what the slope promises (Armijo, 1966).
const SUFFICIENT: f64 = 1e-4;
/// It is done where no slope is steeper than this.
const FLAT: f64 = 1e-5;

/// Finds where `evaluate` is least, starting from zeros, by limited-memory BFGS with backtracking (Nocedal and Wright, *Numerical Optimization*, 2006,
/// algorithms 7.4 and 3.1). `evaluate` returns the value at a point and writes the gradient there.
pub(crate) fn minimise(
    dimension: usize,
    step_count_max: usize,
    mut evaluate: impl FnMut(&[f64], &mut [f64]) -> f64,
) -> Vec<f64> {
    let mut point = vec![0.0; dimension];
    let mut gradient = vec![0.0; dimension];
    let mut value = evaluate(&point, &mut gradient);
    let mut history: Vec<(Vec<f64>, Vec<f64>, f64)> = Vec::new();
    let (mut next, mut next_gradient) = (vec![0.0; dimension], vec![0.0; dimension]);
    for _ in 0..step_count_max {
        if gradient.iter().all(|slope| slope.abs() < FLAT) {
            break;
        }
        let mut direction = downhill(&gradient, &history);
        let mut slope = dot(&direction, &gradient);
        if slope >= 0.0 {
            history.clear();
            direction = gradient.iter().map(|slope| -slope).collect();
            slope = dot(&direction, &gradient);
        }
        let first = if history.is_empty() { 1.0 / dot(&gradient, &gradient).sqrt().max(1.0) } else { 1.0 };
        let mut length = first;
        let next_value = loop {
            for ((next, point), direction) in next.iter_mut().zip(&point).zip(&direction) {
                *next = point + length * direction;
            }
            let found = evaluate(&next, &mut next_gradient);
            if found <= value + SUFFICIENT * length * slope {
                break Some(found);
            }
            length *= 0.5;
            if length < 1e-12 {
                break None;
            }
        };
        // No step brings anything: this is as low as numbers tell.
        let Some(next_value) = next_value else { break };
        let step: Vec<f64> = next.iter().zip(&point).map(|(next, point)| next - point).collect();
        let change: Vec<f64> = next_gradient.iter().zip(&gradient).map(|(next, old)| next - old).collect();
        let curvature = dot(&step, &change);
        if curvature > 1e-12 {
            if history.len() == MEMORY {
                history.remove(0);
            }
            history.push((step, change, curvature));
        }
        std::mem::swap(&mut point, &mut next);
        std::mem::swap(&mut gradient, &mut next_gradient);
        value = next_value;
    }
    point
}

/// Against the gradient, as far as the steps before tell how the function bends.
fn downhill(gradient: &[f64], history: &[(Vec<f64>, Vec<f64>, f64)]) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
    let mut shares = Vec::with_capacity(history.len());
    for (step, change, curvature) in history.iter().rev() {
        let share = dot(step, &direction) / curvature;
        direction.iter_mut().zip(change).for_each(|(direction, change)| *direction -= share * change);
        shares.push(share);
    }
    if let Some((_, change, curvature)) = history.last() {
        let scale = curvature / dot(change, change);
        direction.iter_mut().for_each(|direction| *direction *= scale);
    }
    for ((step, change, curvature), share) in history.iter().zip(shares.into_iter().rev()) {
        let back = dot(change, &direction) / curvature;
        direction.iter_mut().zip(step).for_each(|(direction, step)| *direction += (share - back) * step);
    }
    direction
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_the_bottom_of_a_bent_valley() {
        // Bent (Rosenbrock, 1960) and yet with one bottom, at (1, 1).
        let bottom = minimise(2, 500, |at, slope| {
            let (x, y) = (at[0], at[1]);
            slope[0] = -2.0 * (1.0 - x) - 400.0 * x * (y - x * x);
            slope[1] = 200.0 * (y - x * x);
            (1.0 - x).powi(2) + 100.0 * (y - x * x).powi(2)
        });
        assert!((bottom[0] - 1.0).abs() < 1e-4 && (bottom[1] - 1.0).abs() < 1e-4, "{bottom:?}");
    }

    #[test]
    fn a_flat_function_stays_where_it_is() {
        assert_eq!(
            minimise(3, 10, |_, slope| {
                slope.fill(0.0);
                7.0
            }),
            [0.0; 3]
        );
    }
}
