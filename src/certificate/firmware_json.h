// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of a certificate that speak of a drive's own methods: how one was chosen and what it
// counts as, what the drive was told and answered, what its medium showed afterwards, and how worn
// it is. Layout: quietus-certificate(5).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "quietus/category.h"
#include "quietus/evidence.h"
#include "quietus/plan.h"

namespace quietus {

/// Room for the lists about a drive's firmware, in bytes; see BoundedList. The raw answers are two
/// lists of that length, before and after.
inline constexpr std::size_t kRawAnswersBytes = std::size_t{64} << 10U;
inline constexpr std::size_t kSiblingsBytes = std::size_t{32} << 10U;
inline constexpr std::size_t kSurvivorsBytes = std::size_t{16} << 10U;
/// The longest page of health counters that stands in a certificate as it came.
inline constexpr std::size_t kHealthBytes = 4096;

/// What the category of a drive's own method rests on.
[[nodiscard]] MethodFacts method_facts_of(const Target& target, const FirmwareEvidence& firmware,
                                          const Declarations& declarations);

/// Whether the drive was said to have a sanitize command of its own, whatever was used.
[[nodiscard]] Answer sanitize_offered(const Target& target);

/// Adds how the method of a drive was chosen, its command, what it can count as at best, and what
/// else the command reached.
void put_choice(nlohmann::ordered_json& method, const Plan& plan, const Target& target,
                const Evidence& evidence);

/// Adds `firmware` where another method than overwriting was used.
void put_firmware(nlohmann::ordered_json& predicate, const Evidence& evidence,
                  const Declarations& declarations);

/// Adds `health_before` and `health_after`, or that both are unknown.
void put_health(nlohmann::ordered_json& asset, const Evidence& evidence);

}  // namespace quietus
