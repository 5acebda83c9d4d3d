// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target: policy and site files. Whatever the text, nothing crashes; a policy that is accepted
// has a cell for everything, and permits nothing where it should not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "quietus/policy_table.h"
#include "quietus/site.h"

namespace {

using namespace quietus;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_accepted(const Policy& policy) {
  constexpr int kMedia = 11;
  constexpr int kWords = 4;
  for (int cell = 0; cell < kWords * kMedia * kWords; ++cell) {
    PolicyFacts facts;
    facts.classification = static_cast<Classification>(cell / (kMedia * kWords));
    facts.medium = static_cast<PolicyMedium>(cell / kWords % kMedia);
    facts.purpose = static_cast<Purpose>(cell % kWords);
    facts.outcome = Outcome::sanitized;
    facts.verify = "full";
    facts.passes = facts.random_passes = 3;
    facts.has_authority_ref = true;
    const PolicyDecision decision = decide(policy, facts);
    require(!decision.least_method.empty());
    require(!decision.met || !decision.not_possible_here);
    require(decision.met || decision.permits < Permits::release);
    require(facts.classification < Classification::secret || decision.permits <= Permits::interim);
    require(facts.classification != Classification::top_secret || decision.refuses);
  }
}

void check_policy(const std::string& text) {
  const Result<Policy> policy = policy_from_toml(text, "fuzz.toml");
  if (policy.ok()) return check_accepted(*policy);
  require(policy.error().code == Errc::malformed);
  require(policy.error().what.starts_with("fuzz.toml:"));
}

void check_site(const std::string& text) {
  const Result<Site> site = site_from_toml(text, "fuzz.toml");
  if (site.ok()) return;
  require(site.error().code == Errc::malformed);
  require(site.error().what.starts_with("fuzz.toml:"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  check_policy(text);
  check_site(text);
  return 0;
}
