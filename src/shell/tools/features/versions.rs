//! Features and their versions, as `Feature` and `MetadataVersion` of 4.4 know them.

use crate::base::BrokerId;

/// One of `Feature.PRODUCTION_FEATURES`.
pub struct Feature {
    pub name: &'static str,
    /// For each version, from 0 on: the lowest `metadata.version` that has it by default.
    since: &'static [i16],
    /// The version that a newly formatted cluster has.
    pub formatted: i16,
    /// For its highest version: the `metadata.version` that it depends on, if any.
    depends: Option<i16>,
}

const fn feature(name: &'static str, since: &'static [i16], formatted: i16) -> Feature {
    Feature { name, since, formatted, depends: None }
}

/// In the order of the enum.
pub const FEATURES: &[Feature] = &[
    feature("kraft.version", &[OLDEST, 21], 0),
    feature("transaction.version", &[OLDEST, 24, 24], 2),
    feature("group.version", &[OLDEST, 22], 1),
    Feature { depends: Some(23), ..feature("eligible.leader.replicas.version", &[OLDEST, 26], 1) },
    feature("share.version", &[OLDEST, 28, 31], 2),
    feature("streams.version", &[OLDEST, 29], 1),
];

pub const METADATA: &str = "metadata.version";
/// `MetadataVersion.MINIMUM_VERSION` and `LATEST_PRODUCTION`.
pub const OLDEST: i16 = 7;
pub const LATEST: i16 = 33;

/// `MetadataVersion`, from the oldest on. The last one is not for production yet.
const RELEASES: &[(&str, i16)] = &[
    ("3.3", 3),
    ("3.4", 0),
    ("3.5", 0),
    ("3.5", 1),
    ("3.5", 2),
    ("3.6", 0),
    ("3.6", 1),
    ("3.6", 2),
    ("3.7", 0),
    ("3.7", 1),
    ("3.7", 2),
    ("3.7", 3),
    ("3.7", 4),
    ("3.8", 0),
    ("3.9", 0),
    ("4.0", 0),
    ("4.0", 1),
    ("4.0", 2),
    ("4.0", 3),
    ("4.1", 0),
    ("4.1", 1),
    ("4.2", 0),
    ("4.2", 1),
    ("4.3", 0),
    ("4.4", 0),
    ("4.4", 1),
    ("4.4", 2),
    ("4.5", 0),
];

impl Feature {
    pub fn named(name: &str) -> Option<&'static Self> {
        FEATURES.iter().find(|feature| feature.name == name)
    }

    pub fn highest(&self) -> i16 {
        self.since.len() as i16 - 1
    }

    /// `Feature.defaultLevel`.
    pub fn default_for(&self, metadata: i16) -> i16 {
        self.since.iter().take_while(|since| **since <= metadata).count() as i16 - 1
    }

    /// The `metadata.version` that one of its versions depends on.
    pub fn dependency(&self, level: i16) -> Option<i16> {
        self.depends.filter(|_| level == self.highest())
    }
}

/// `MetadataVersion.version()`: `3.3-IV3`.
pub fn metadata_name(level: i16) -> Option<String> {
    let at = usize::try_from(level - OLDEST).ok()?;
    RELEASES.get(at).map(|(release, step)| format!("{release}-IV{step}"))
}

/// `MetadataVersion.fromVersionString`: a version, or a release for the last of its own that is for production. More
/// than two numbers are cut.
pub fn metadata_level(text: &str) -> Result<i16, String> {
    let parts: Vec<&str> = crate::base::java::split(text, '.');
    let key = if parts.len() > 2 { parts[..2].join(".") } else { text.to_owned() };
    let levels = || OLDEST..OLDEST + RELEASES.len() as i16;
    let exact = levels().find(|level| metadata_name(*level).as_deref() == Some(&key));
    let of_release =
        || levels().take_while(|level| *level <= LATEST).zip(RELEASES).filter(|(_, (release, _))| *release == key).last();
    exact.or_else(|| of_release().map(|(level, _)| level)).ok_or_else(|| {
        let known: Vec<String> = levels().filter_map(metadata_name).collect();
        format!("Unknown metadata.version '{text}'. Supported metadata.version are: {}", known.join(", "))
    })
}

/// How a version is to change (`FeatureUpdate.UpgradeType`).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UpgradeType {
    Upgrade,
    SafeDowngrade,
    UnsafeDowngrade,
}

/// What the controller says of a version of a feature (`FeatureControlManager.updateFeature`), where all features have
/// the versions of a newly formatted cluster. `Ok` tells whether the version would change.
pub fn check_update(controller: BrokerId, name: &str, level: i16, how: UpgradeType) -> Result<bool, String> {
    let invalid = |why: &str| Err(format!("Invalid update version {level} for feature {name}. {why}"));
    let known = Feature::named(name);
    let (lowest, highest, current) = match (name, known) {
        (METADATA, _) => (OLDEST, LATEST, LATEST),
        (_, Some(feature)) => (0, feature.highest(), feature.formatted),
        _ => (0, 0, 0),
    };
    if level < lowest || level > highest {
        return match highest {
            0 => invalid(&format!("Local controller {controller} does not support this feature.")),
            _ => invalid(&format!("Local controller {controller} only supports versions {lowest}-{highest}")),
        };
    }
    if level < current && how == UpgradeType::Upgrade {
        let why =
            "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.";
        return invalid(why);
    }
    if level > current && how != UpgradeType::Upgrade {
        return invalid("Can't downgrade to a newer version.");
    }
    if name == METADATA && level < current {
        // Each version since 4.3 has changed what the metadata log may hold.
        let why = match how {
            UpgradeType::UnsafeDowngrade => "Unsafe metadata downgrade is not supported in this version.",
            _ => "Refusing to perform the requested downgrade because it might delete metadata information.",
        };
        return Err(format!("Unsupported metadata.version downgrade from {current} to {level}. {why}"));
    }
    if name != METADATA && known.is_none() {
        return invalid(&format!("Feature {name} not found."));
    }
    Ok(level != current)
}
