//! TypeScript types of what the API takes and gives.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
export interface PlaygroundOptions {
  /** Everything random follows from it. 1 if not given. */
  seed?: number;
  /** 1 if not given. */
  brokers?: number;
}

export interface RunResult {
  /** What the program printed meanwhile, lines joined by "\n". */
  output: string;
  /** null while it still runs. */
  exitCode: number | null;
}

export interface Topic {
  name: string;
  topicId: string;
  partitionCount: number;
  replicationFactor: number;
  /** The topic's own settings; all others have their defaults. */
  configs: Record<string, string>;
  internal: boolean;
}

export interface Partition {
  partition: number;
  leader: number | null;
  leaderEpoch: number;
  replicas: number[];
  isr: number[];
  elr: number[];
  logStartOffset: number;
  highWatermark: number;
  lastStableOffset: number;
  logEndOffset: number;
  sizeBytes: number;
  segments: number;
}

/** Text where the bytes are UTF-8. */
export type Bytes = string | Uint8Array;

export interface Header {
  key: string;
  value: Bytes | null;
}

export interface KafkaRecord {
  offset: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  timestampType: string;
  key: Bytes | null;
  value: Bytes | null;
  headers: Header[];
  partition: number;
}

export interface TopicPartition {
  topic: string;
  partition: number;
}

export interface GroupMember {
  memberId: string | null;
  clientId: string;
  instanceId: string | null;
  assignment: TopicPartition[];
}

export interface GroupOffset extends TopicPartition {
  committedOffset: number | null;
  logEndOffset: number;
  lag: number | null;
  memberId: string | null;
}

export interface Group {
  groupId: string;
  type: string;
  protocol: string | null;
  state: string;
  epoch: number | null;
  coordinator: number | null;
  members: GroupMember[];
  offsets: GroupOffset[];
}

export interface Broker {
  id: number;
  rack: string | null;
  state: "running" | "frozen" | "fenced" | "starting" | "down";
  leads: number;
  replicas: number;
  controller: boolean;
}

interface TraceBase {
  index: number;
  /** Milliseconds since the start. */
  at: number;
  /** The world's step in which it happened. */
  step: number;
}

export type TraceEntry = TraceBase & (
  | { type: "requestSent"; client: number; broker: number; name: string; arrivesAt: number }
  | { type: "responseSent"; client: number; broker: number; arrivesAt: number }
  | { type: "topicCreated"; topic: string; partitions: number }
  | { type: "topicDeleted"; topic: string }
  | { type: "partitionsAdded"; topic: string; partitions: number }
  | { type: "configAltered"; topic: string }
  | { type: "appended"; topic: string; partition: number; baseOffset: number; recordCount: number; client: number | null }
  | { type: "produceRefused"; topic: string; partition: number; error: string }
  | { type: "highWatermark"; topic: string; partition: number; highWatermark: number }
  | { type: "recordsDeleted"; topic: string; partition: number; logStartOffset: number }
  | { type: "polled"; client: number; recordCount: number }
  | { type: "offsetsCommitted"; group: string; offsets: { topic: string; partition: number; offset: number }[] }
  | { type: "offsetsReset"; client: number; topic: string; partition: number; position: number }
  | { type: "groupState"; group: string; state: string; generationId: number; reason: string }
  | { type: "memberJoined"; group: string; memberId: string }
  | { type: "memberStep"; group: string; memberId: string; step: "told" | "rejoined" | "STABLE" | "UNREVOKED_PARTITIONS" | "UNRELEASED_PARTITIONS" }
  | { type: "memberGone"; group: string; memberId: string; reason: string }
  | { type: "shareRecords"; group: string; memberId: string | null; topic: string; partition: number; firstOffset: number; lastOffset: number; deliveryCount: number; what: "acquired" | "accepted" | "released" | "rejected" | "lock timed out" | "archived" | "forgotten" }
  | { type: "partitionsAssigned" | "partitionsRevoked" | "partitionsLost"; client: number; partitions: TopicPartition[] }
  | { type: "programStarted" | "programKilled"; program: number; name: string }
  | { type: "programExited"; program: number; name: string; exitCode: number }
  | { type: "programSlow"; program: number; recordMs: number }
  | { type: "said"; program: number; text: string }
  | { type: "brokerStarted" | "brokerFenced" | "brokerUnfenced" | "brokerFrozen" | "brokerThawed" | "diskWiped"; broker: number }
  | { type: "brokerStopped"; broker: number; crash: boolean }
  | { type: "diskSlow"; broker: number; ms: number }
  | { type: "leaderElected"; topic: string; partition: number; leader: number | null; leaderEpoch: number }
  | { type: "isrChanged"; topic: string; partition: number; isr: number[] }
  | { type: "linksChanged"; ones: (number | string)[]; others: (number | string)[]; cut: boolean; slowMs: number; lossPercent: number }
  | { type: "linksMended" }
);

declare global {
  interface Window {
    /** The live session of the page. */
    playground: Playground;
  }
}
"#;
