// SPDX-License-Identifier: GPL-3.0-or-later
// Policy: the table itself as data (quietus-policy(5)), its strict reader, and the decision. Pure:
// no files, no clock.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/policy.h"
#include "quietus/result.h"

namespace quietus {

/// What a cell wants to be done.
enum class PolicyAction {
  overwrite,
  firmware,         ///< the drive's own commands
  key_destruction,  ///< of the key that all of the medium was encrypted with
  destruction,      ///< physical; no software does it
  whole_medium,     ///< the medium that it is a part of, or lies on, has to be treated itself
};

[[nodiscard]] std::string_view name_of(PolicyAction action);

/// Administration that a cell asks for.
enum class PolicyNeed {
  asset_tag,
  organisation,
  retention_ref,
  approval_ref,
  residual_copies,
  final_date,
  destination,
};

[[nodiscard]] std::string_view name_of(PolicyNeed need);

/// One cell: for some classifications, media and purposes.
struct PolicyCell {
  std::vector<Classification> classifications;
  std::vector<PolicyMedium> media;
  std::vector<Purpose> purposes;
  std::vector<std::string> when;  ///< "switch=value", all of which must hold; else it is not in use

  PolicyAction action = PolicyAction::overwrite;
  std::string least;  ///< the least method, as a sentence
  /// In which order methods are tried for a drive; none: overwriting.
  std::vector<Method> methods;
  /// Of `firmware`: what the method has to count as at least.
  Category least_level = Category::purge;
  /// Of `overwrite`: a method of the drive's own that counts as this much stands for the passes;
  /// none: nothing does.
  Category firmware_instead = Category::none;
  std::uint32_t passes = 0;         ///< of an overwrite, or after a firmware method; complete ones
  std::uint32_t random_passes = 0;  ///< of those
  bool verify_full = true;
  bool firmware_as_well = false;  ///< where the drive has such commands
  bool below_known = false;       ///< what files lie on must be known to overwrite in place
  bool clean = false;             ///< no exceptions at all
  std::string next;               ///< what to do where that can't be done

  Permits permits = Permits::nothing;         ///< with everything met
  Permits otherwise = Permits::nothing;       ///< at most, where method or action are not met
  Permits without_papers = Permits::nothing;  ///< at most, where administration is missing
  std::vector<PolicyNeed> needs;
  std::uint32_t operators = 0;
  std::uint32_t witnesses = 0;
  std::uint32_t approvers = 0;
  std::uint32_t asset_owners = 0;
  bool signed_people = false;  ///< witnesses and approvers by signature, not by declaration

  std::vector<std::string> sources;
  std::string note;
};

/// A place where the guidance can be read in two ways, and the reading chosen.
struct PolicySwitch {
  struct Choice {
    std::string value;
    std::string meaning;
    std::string source;
  };
  std::string id;
  std::string question;
  std::string value;  ///< of one of the choices
  std::vector<Choice> choices;
};

/// A policy that was read and checked: every combination has exactly one cell in use.
struct Policy {
  std::string id;
  std::string title;
  std::string revision;
  std::string issued;  ///< YYYY-MM-DD
  std::string review;
  std::string summary;
  std::vector<std::string> sources;
  std::vector<std::string> approved_tools;  ///< hex SHA-256 of programs; none: any
  std::vector<PolicySwitch> switches;
  std::vector<PolicyCell> cells;  ///< those in use
  std::string text;               ///< the TOML, byte for byte
  std::string digest;             ///< hex SHA-256 of the text

  [[nodiscard]] const PolicyCell& cell(Classification classification, PolicyMedium medium,
                                       Purpose purpose) const;
};

inline constexpr std::string_view kDefaultPolicy = "uk-moj";

/// The largest policy file.
inline constexpr std::uint64_t kMaxPolicyBytes = 256 << 10;

/// The built-in ones, in the order to list them.
[[nodiscard]] std::vector<Policy> built_in_policies();
/// Errors: not_found.
[[nodiscard]] Result<Policy> find_policy(std::string_view id);

/// A policy file. `file` is for messages: "file:line: key: what was expected". Errors: malformed,
/// also for the id of a built-in one with another text.
[[nodiscard]] Result<Policy> policy_from_toml(std::string_view text, const std::string& file);

/// What the policy says of the facts. Without an outcome: what would be met if all went well.
[[nodiscard]] PolicyDecision decide(const Policy& policy, const PolicyFacts& facts);

/// Whether an override may name the rule: refusals, outcomes, methods other than passes and what
/// the evidence shows can't be let go.
[[nodiscard]] bool can_be_let_go(std::string_view rule);

/// Facts of a medium that tell what kind it is for policies, in the words of plan and certificate.
struct MediumTraits {
  std::string_view target;       ///< name_of(TargetKind)
  std::string_view device_kind;  ///< name_of(DeviceKind); empty: not told
  std::string_view bus;
  std::string_view storage;  ///< name_of(Storage)
};

[[nodiscard]] PolicyMedium policy_medium_of(const MediumTraits& traits);

/// Whether nobody lets a rule go for his own work: approvers of overrides are neither operator nor
/// witness, by name. Errors: invalid, who is.
[[nodiscard]] Status check_overriders(const Declarations& declarations);

}  // namespace quietus
