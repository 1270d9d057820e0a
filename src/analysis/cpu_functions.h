// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "src/analysis/analysis.h"
#include "src/analysis/cpu_profile.h"

namespace marey::analysis {

/// The functions of the CPU profile that a trace has in it, as a table of the report, where it
/// needs a name of its own.
class CPUFunctions final : public Analysis {
 public:
  explicit CPUFunctions(const Vocabulary& vocabulary) : profile_(false, vocabulary) {}

  Interests interests() const override { return profile_.interests(); }
  void events(std::span<const Event::Record* const> events, Translation& translation) override {
    profile_.events(events, translation);
  }
  void merge(Analysis& next, const SlotMap& slots) override {
    profile_.merge(static_cast<CPUFunctions&>(next).profile_, slots);
  }
  void finish(const TraceContext&, Findings& findings) override;

 private:
  CPUProfile profile_;
};

}  // namespace marey::analysis
