// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "marey/error.h"
#include "marey/health.h"

#include "src/order/judgement.h"
#include "src/order/v1/batch_index.h"
#include "src/order/v1/clock.h"
#include "src/order/v1/merge.h"
#include "src/order/v1/table_builder.h"

namespace marey::order::v1 {

/// Goes over the ordered events of a trace of which the merge found that not all is well.
///
/// Strict: the error with which Go's reader ends, if it does. Tolerant: counts every
/// contradiction, and every string and stack that an event names and the tables lack. Puts
/// merged.from_net right and fills merged.guesses.
std::optional<Error> recheck(std::span<const std::byte> bytes, const BatchIndex& index,
                             MergeResult& merged, const TableBuilder& tables, Clock clock,
                             Judgement judgement, Health& health);

}  // namespace marey::order::v1
