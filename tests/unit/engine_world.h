// SPDX-License-Identifier: GPL-3.0-or-later
// A machine in memory on which plans are made and carried out, with fixed time and randomness, one
// worker, and hooks for lying media.
#pragma once

#include <doctest/doctest.h>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "quietus/destroy.h"
#include "quietus/fill.h"

#include "support/fixed_seams.h"
#include "support/lying_medium.h"
#include "support/memory_platform.h"

namespace quietus::test {

/// Keeps all events, and tells the test of each.
class KeptEvents final : public EventSink {
 public:
  void on(const Event& event) override {
    all.push_back(event);
    if (then) then(event);
  }
  std::vector<Event> all;
  std::function<void(const Event&)> then;
};

inline Secret job_secret(unsigned char byte = 0x51) {
  return Secret::from(Bytes(Secret::kBytes, static_cast<std::byte>(byte))).value();
}

inline Pass random_pass(bool verify = false) { return {Pattern{}, verify}; }

inline Pass fixed_pass(unsigned char byte) {
  Pattern pattern;
  pattern.kind = Pattern::Kind::fixed;
  pattern.bytes = {static_cast<std::byte>(byte)};
  return {pattern, false};
}

inline Rules rules_of(std::vector<Pass> passes) {
  Rules rules;
  rules.scheme.id = "test";
  rules.scheme.passes = std::move(passes);
  rules.keystream = "aes_256_ctr";
  return rules;
}

using Wrap = std::function<std::unique_ptr<Medium>(std::unique_ptr<Medium>)>;

struct EngineWorld {
  MemoryPlatform platform;
  FixedClock clock;
  FixedRandom random;
  KeptEvents events;
  StopFlag stop;
  Rules rules = rules_of({fixed_pass(0x00), random_pass()});

  /// Every medium opened by that path goes through the wrapper.
  void wrap(const std::string& path, Wrap wrapper) {
    wrappers_[path] = std::move(wrapper);
    platform.wrap = [this](const std::string& opened, std::unique_ptr<Medium> medium) {
      const auto found = wrappers_.find(opened);
      return found == wrappers_.end() ? std::move(medium) : found->second(std::move(medium));
    };
  }

  Plan plan(const std::vector<std::string>& paths, TargetKind kind = TargetKind::files) {
    Plan made = make_plan({kind, paths, rules, {}}, platform);
    for (const Finding& finding : made.findings) {
      const bool refused = finding.level == Finding::Level::refusal;
      if (refused) FAIL(finding.object << ": " << finding.text);
    }
    return made;
  }
  /// Each image and drive has a job of its own.
  static Secret secret_of(std::uint64_t target) {
    return job_secret(static_cast<unsigned char>(0x51 + target));
  }
  Evidence carry_out(const Plan& made, std::uint64_t target = 0) {
    Workbench bench{platform, clock, random, events, stop};
    bench.workers = 1;
    return quietus::destroy(made, target, secret_of(target), bench);
  }
  Evidence destroy(const std::vector<std::string>& paths, TargetKind kind = TargetKind::files) {
    return carry_out(plan(paths, kind));
  }
  Evidence destroy_image(const std::string& path) { return destroy({path}, TargetKind::image); }

  /// The content that the last pass leaves of an item.
  [[nodiscard]] Bytes last_content(std::uint64_t item, std::uint64_t size,
                                   std::uint64_t target = 0) const {
    const auto backend = find_keystream(rules.keystream);
    const auto passes = prepare(rules.scheme, rules.rounds, secret_of(target), 0, **backend);
    Bytes bytes(size);
    fill(passes->back(), item, 0, bytes);
    return bytes;
  }

 private:
  std::map<std::string, Wrap> wrappers_;
};

inline bool has_fact(const Evidence& evidence, std::string_view code) {
  for (const Fact& fact : evidence.facts) {
    if (fact.code == code) return true;
  }
  return false;
}

/// Flushes whose number (from 1, over all handles) is named fail; the next one succeeds.
class FailingFlush final : public ForwardingMedium {
 public:
  using Counter = std::shared_ptr<std::atomic<int>>;
  FailingFlush(std::unique_ptr<Medium> inner, std::vector<int> failing,
               Counter counter = std::make_shared<std::atomic<int>>(0))
      : ForwardingMedium(std::move(inner)),
        failing_(std::move(failing)),
        counter_(std::move(counter)) {}
  [[nodiscard]] Status flush() override {
    const int number = ++*counter_;
    for (const int one : failing_) {
      if (one == number) return Error{Errc::io, 5, "flush: injected failure"};
    }
    return inner().flush();
  }

 private:
  std::vector<int> failing_;
  Counter counter_;
};

}  // namespace quietus::test
