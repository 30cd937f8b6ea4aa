//! `--describe`: offset lag, members with their tasks, or state.

use super::reset::source_offsets;
use super::{StreamsGroups, described, print_error};
use crate::base::java::partition_set;
use crate::base::{GroupId, TopicName, TopicPartition};
use crate::engine::protocol::{
    DescribedStreamsGroup, DescribedStreamsMember, DescribedTasks, DescribedTopology, OffsetSpec, TaskIds,
};
use crate::shell::cli::admin_command::Admin;
use crate::shell::cli::exit::Done;
use crate::shell::cli::group_command::or_dash;
use crate::shell::cli::reset_offsets::listed_offsets;

/// At least 15, as most columns are.
fn width<'t>(texts: impl Iterator<Item = &'t str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or(0).max(15)
}

impl StreamsGroups {
    /// Gives the exit code.
    pub(super) fn describe(&self, admin: &mut Admin<'_, '_, '_>) -> Done<i32> {
        let mut code = 0;
        for group in self.groups(admin)? {
            let (found, topology) = described(admin, &group)?.map_err(|thrown| thrown.execution())?;
            if self.given.has("topology") {
                // Kept by a plugin of the brokers, of which there is none without a setting.
                print_error(admin, &format!("No topology description is stored for streams group '{group}'."));
                code = 1;
            } else if self.given.has("members") {
                self.members(admin, &group, &found, &topology);
            } else if self.given.has("state") {
                self.state(admin, &group, &found);
            } else {
                self.offsets(admin, &group, &found, &topology)?;
            }
        }
        Ok(code)
    }

    fn members(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId, found: &DescribedStreamsGroup, topology: &DescribedTopology) {
        if found.members.is_empty() {
            return;
        }
        let group_width = width([group.as_str()].into_iter());
        let member_width = width(found.members.iter().map(|member| member.member_id.as_str()));
        let process_width = width(found.members.iter().map(|member| member.process_id.as_str()));
        let client_width = width(found.members.iter().map(|member| member.client_id.as_str()));
        let ends = |process: &str, client: &str, tasks: &str| format!("{process:<process_width$} {client:<client_width$} {tasks}");
        let verbose = self.given.has("verbose");
        let line = |member: [&str; 2], epochs: [&str; 2], protocol: &str, end: &str| {
            let ([group, member], [member_epoch, target_epoch]) = (member, epochs);
            match verbose {
                false => format!("{group:<group_width$} {member:<member_width$} {end}"),
                true => format!(
                    "{group:<group_width$} {target_epoch:<25} {topology_epoch:<15}{member:<member_width$} {protocol:<15} \
                     {member_epoch:<15} {end}",
                    topology_epoch = if member == "MEMBER" { "TOPOLOGY-EPOCH".to_owned() } else { topology.epoch.to_string() },
                ),
            }
        };
        let head = ends("PROCESS", "CLIENT-ID", "ASSIGNMENTS");
        admin.print(line(["GROUP", "MEMBER"], ["MEMBER-EPOCH", "TARGET-ASSIGNMENT-EPOCH"], "MEMBER-PROTOCOL", &head));
        for member in &found.members {
            let end = ends(&member.process_id, &member.client_id, &tasks_text(member, verbose));
            let epochs = [member.member_epoch, found.assignment_epoch].map(|epoch| epoch.to_string());
            let ids = [group.as_str(), member.member_id.as_str()];
            admin.print(line(ids, [&epochs[0], &epochs[1]], "streams", &end));
        }
    }

    fn state(&self, admin: &mut Admin<'_, '_, '_>, group: &GroupId, found: &DescribedStreamsGroup) {
        if found.state == "Empty" {
            print_error(admin, &format!("Streams group '{group}' has no active members."));
        }
        let coordinator = format!("{} ({})", admin.broker_address(found.coordinator), found.coordinator);
        let group_width = width([group.as_str()].into_iter());
        let coordinator_width = coordinator.chars().count().max(25);
        let assignor_width = width([found.assignor_name.as_str()].into_iter());
        let line = |[group, coordinator, assignor, state]: [&str; 4], epochs: [&str; 2], members: &str| {
            let begin = format!("{group:<group_width$} {coordinator:<coordinator_width$} {assignor:<assignor_width$} {state:<25}");
            match self.given.has("verbose") {
                false => format!("{begin} {members}"),
                true => format!("{begin} {:<15} {:<25} {members}", epochs[0], epochs[1]),
            }
        };
        let head = ["GROUP", "COORDINATOR (ID)", "ASSIGNOR", "STATE"];
        admin.print(line(head, ["GROUP-EPOCH", "TARGET-ASSIGNMENT-EPOCH"], "#MEMBERS"));
        let epochs = [found.group_epoch, found.assignment_epoch].map(|epoch| epoch.to_string());
        let row = [group.as_str(), &coordinator, &found.assignor_name, found.state];
        admin.print(line(row, [&epochs[0], &epochs[1]], &found.members.len().to_string()));
    }

    fn offsets(
        &self,
        admin: &mut Admin<'_, '_, '_>,
        group: &GroupId,
        found: &DescribedStreamsGroup,
        topology: &DescribedTopology,
    ) -> Done {
        let active = found.members.iter().flat_map(|member| &member.assignment.active_tasks);
        let partitions = partition_set(active.flat_map(|tasks| read_by(tasks, topology)));
        let earliest = listed_offsets(admin, &partitions, OffsetSpec::Earliest)?.map_err(|thrown| thrown.execution())?;
        let latest = listed_offsets(admin, &partitions, OffsetSpec::Latest)?.map_err(|thrown| thrown.execution())?;
        let committed = source_offsets(admin, group)?;
        if found.members.is_empty() {
            return Ok(());
        }
        let group_width = width([group.as_str()].into_iter());
        let topic_width = width(partitions.iter().map(|partition| partition.topic.as_str()));
        let line =
            |group: &str, topic: &str, partition: &str| format!("{group:<group_width$} {topic:<topic_width$} {partition:<10}");
        let head = line("GROUP", "TOPIC", "PARTITION");
        let verbose = self.given.has("verbose");
        admin.print(match verbose {
            false => format!("{head} OFFSET-LAG"),
            true => format!("{head} {:<15} {:<15} {:<15} {:<15}", "CURRENT-OFFSET", "LEADER-EPOCH", "LOG-END-OFFSET", "OFFSET-LAG"),
        });
        for partition in &partitions {
            let (Some(start), Some(end)) = (earliest.get(partition), latest.get(partition)) else { continue };
            let current = committed.get(partition);
            let lag = end.0 - current.map_or(start.0, |committed| committed.offset.0);
            let begin = line(group.as_str(), partition.topic.as_str(), &partition.partition.to_string());
            let offset = or_dash(current.map(|committed| committed.offset));
            let epoch = or_dash(current.and_then(|committed| committed.leader_epoch));
            admin.print(match verbose {
                false => format!("{begin} {lag}"),
                true => format!("{begin} {offset:<15} {epoch:<15} {:<15} {lag:<15}", end.0),
            });
        }
        Ok(())
    }
}

/// The partitions that tasks read (`getTopicPartitions`).
fn read_by(tasks: &TaskIds, topology: &DescribedTopology) -> Vec<TopicPartition> {
    let subtopologies = topology.subtopologies.iter().filter(|known| known.subtopology_id == tasks.subtopology_id);
    let topics = subtopologies.flat_map(|known| {
        let repartitioned = known.repartition_source_topics.iter().map(|topic| &topic.name);
        known.source_topics.iter().chain(repartitioned)
    });
    let of_topic = |topic: &TopicName| {
        let partitions = tasks.partitions.iter();
        partitions.map(|partition| TopicPartition::new(topic.clone(), *partition)).collect::<Vec<_>>()
    };
    topics.flat_map(of_topic).collect()
}

/// `getTasksForPrinting`: a space comes after each.
fn tasks_text(member: &DescribedStreamsMember, with_target: bool) -> String {
    let mut text = String::new();
    let mut put = |tasks: &DescribedTasks, before: &str| {
        for (kind, tasks) in [("ACTIVE", &tasks.active_tasks), ("STANDBY", &tasks.standby_tasks), ("WARMUP", &tasks.warmup_tasks)] {
            if tasks.is_empty() {
                continue;
            }
            text += &format!("{before}{kind}: ");
            for ids in tasks {
                let partitions: Vec<String> = ids.partitions.iter().map(ToString::to_string).collect();
                text += &format!("{}:[{}]; ", ids.subtopology_id, partitions.join(","));
            }
        }
    };
    put(&member.assignment, "");
    if with_target {
        put(&member.target_assignment, "TARGET-");
    }
    text
}
