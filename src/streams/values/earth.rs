//! How far two places are apart. Sine and arcsine are computed here, with the operations that are the same to the last bit on
//! every machine, since those of the system are not.

pub(super) const RADIUS_KM: f64 = 6371.0;
pub(super) const RADIUS_MI: f64 = 3959.0;

/// Along the surface (haversine). Places are latitude and longitude in degrees; `None` for what is no place.
pub(super) fn distance(from: (f64, f64), to: (f64, f64), radius: f64) -> Option<f64> {
    let place = |(lat, lon): (f64, f64)| (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
    if !place(from) || !place(to) {
        return None;
    }
    let half = |one: f64, two: f64| {
        let sine = sine((two - one) / 2.0);
        sine * sine
    };
    let chord = half(from.0, to.0) + sine(90.0 - from.0) * sine(90.0 - to.0) * half(from.1, to.1);
    Some(2.0 * radius * arcsine(chord.clamp(0.0, 1.0).sqrt()))
}

/// Of an angle from -180 to 180 degrees.
fn sine(degrees: f64) -> f64 {
    let (size, sign) = (degrees.abs(), if degrees < 0.0 { -1.0 } else { 1.0 });
    let size = if size > 90.0 { 180.0 - size } else { size };
    // sin 3a = 3 sin a - 4 sin³ a, so that the series is short.
    let small = series((size / 3.0) * (std::f64::consts::PI / 180.0));
    sign * (3.0 * small - 4.0 * small * small * small)
}

/// The sine of at most 30 degrees, in radians.
fn series(angle: f64) -> f64 {
    let square = angle * angle;
    let (mut term, mut sum) = (angle, angle);
    for step in 1..10 {
        let n = f64::from(2 * step);
        term *= -square / (n * (n + 1.0));
        sum += term;
    }
    sum
}

/// Of 0 to 1, in radians.
fn arcsine(sine: f64) -> f64 {
    // The angle is halved twice, up to which the series of the arctangent is short.
    let cosine = ((1.0 - sine) * (1.0 + sine)).sqrt();
    let half = sine / (1.0 + cosine);
    let quarter = half / (1.0 + (1.0 + half * half).sqrt());
    let eighth = quarter / (1.0 + (1.0 + quarter * quarter).sqrt());
    let square = eighth * eighth;
    let (mut power, mut sum) = (eighth, eighth);
    for step in 1..14 {
        power *= -square;
        sum += power / f64::from(2 * step + 1);
    }
    8.0 * sum
}
