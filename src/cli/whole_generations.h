// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "src/index/fold.h"
#include "src/index/pass.h"
#include "src/order/record.h"

namespace marey::cli {

/// A fold that can forget the generation in which a strict pass broke off.
///
/// `go tool trace -pprof` shows what it read up to the last Sync event, so the fold of the last
/// generation is kept apart from that of all before until the end shows whether it is whole.
class WholeGenerations final : public index::Fold {
 public:
  explicit WholeGenerations(std::unique_ptr<index::Fold> fold) : last_(std::move(fold)) {}

  index::EventTypes types() const override { return last_->types().set(order::kSyncType); }
  void begin(const wire::Tables& tables, std::uint64_t generation) override {
    last_->begin(tables, generation);
  }
  void events(std::span<const Event::Record> events) override;
  void end(Time last) override { last_->end(last); }
  void merge(index::Fold& next) override;

  /// The fold of all whole generations after the pass; nullptr if there is none. Once.
  std::unique_ptr<index::Fold> take(const index::PassResult& result);

 private:
  void seal_last();

  std::unique_ptr<index::Fold> before_;  // all generations but the last; nullptr: none
  std::unique_ptr<index::Fold> last_;
  bool seen_events_ = false;
  bool starts_generation_ = false;  // the first piece begins with a generation's Sync event
  std::uint64_t generations_ = 0;
};

class WholeGenerationsMaker final : public index::FoldMaker {
 public:
  explicit WholeGenerationsMaker(const index::FoldMaker& maker) : maker_(maker) {}
  std::unique_ptr<index::Fold> make() const override {
    return std::make_unique<WholeGenerations>(maker_.make());
  }

 private:
  const index::FoldMaker& maker_;
};

}  // namespace marey::cli
