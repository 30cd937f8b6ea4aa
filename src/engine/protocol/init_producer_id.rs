//! InitProducerId (key 22): gives an idempotent producer its id, with epoch 0.

use super::ErrorCode;

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct InitProducerIdResponse {
    pub error: Option<ErrorCode>,
    pub producer_id: i64,
    pub producer_epoch: i16,
}
