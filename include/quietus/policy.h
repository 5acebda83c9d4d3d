// SPDX-License-Identifier: GPL-3.0-or-later
// Policy: classification, medium and purpose to what is needed, as data; and the decision whether
// the facts meet it, before a run (what is planned) and after it (what the evidence shows).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/category.h"
#include "quietus/declarations.h"
#include "quietus/drive_abilities.h"
#include "quietus/method.h"
#include "quietus/outcome.h"
#include "quietus/result.h"

namespace quietus {

/// Media as policies tell them apart.
enum class PolicyMedium {
  hdd,
  sata_ssd,
  nvme,
  usb_flash,  ///< sticks and cards; USB media that do not say what they are
  emmc,
  file_set,
  free_space,
  image,     ///< a file that holds a disk image
  virtual_,  ///< a virtual, thin or loop device: what lies under it is not known
  part,      ///< a partition or a volume: not a whole medium
  unknown,
};

[[nodiscard]] std::string_view name_of(PolicyMedium medium);

/// What a medium may be let go for. In this order.
enum class Permits { nothing, interim, internal_reuse, release };

[[nodiscard]] std::string_view name_of(Permits permits);

/// How many people stand for a role, by how well it is shown.
struct RoleCount {
  std::uint32_t declared = 0;
  std::uint32_t signed_ = 0;  ///< distinct principals whose signatures are trusted
};

/// All that a policy looks at. From a plan (before) or from a certificate alone (after); both make
/// it for the same run in the same way.
struct PolicyFacts {
  Classification classification = Classification::official;
  Purpose purpose = Purpose::reuse;
  PolicyMedium medium = PolicyMedium::unknown;

  // Method.
  std::uint32_t passes = 0;         ///< complete passes, rounds counted
  std::uint32_t random_passes = 0;  ///< of those, with data that nobody could foresee
  std::string scheme;               ///< id
  Method method = Method::overwrite;
  /// What the method counts as, apart from passes: of overwriting none. After a run by its outcome.
  Category method_level = Category::none;
  /// Whether the drive has a sanitize command of its own: for cells that want it as well.
  Answer sanitize_offered = Answer::unknown;
  std::string verify;  ///< name_of(VerifyMode): "full", "sample", "none"

  // Result; before a run none.
  std::optional<Outcome> outcome;
  bool not_whole = false;         ///< of a drive: not every addressable byte was to be overwritten
  bool exceptions = false;        ///< extents or facts that are exceptions
  bool bad_sectors = false;       ///< extents that could not be written or read
  bool reallocated_grew = false;  ///< replaced sectors, more after than before
  bool hidden_area_unknown = false;
  bool hidden_area_left = false;  ///< there is one, and it was not opened up

  // Administration.
  bool has_tag = false;
  bool has_organisation = false;
  bool has_retention_ref = false;
  bool has_authority_ref = false;
  bool has_approval_ref = false;
  bool has_residual_statement = false;  ///< none known, or each listed
  bool has_final_date = false;          ///< every residual copy listed has a date
  bool has_destination = false;
  bool always_encrypted = false;
  RoleCount operators;
  RoleCount witnesses;
  RoleCount approvers;
  RoleCount asset_owners;
  std::vector<std::string> overridden;  ///< codes of rules that were let go
  std::string tool_sha256;              ///< hex; empty: not known
  std::string today;                    ///< YYYY-MM-DD: of the plan, or when it was issued
};

/// One thing that a decision rests on.
struct PolicyReason {
  std::string code;    ///< stable, see quietus-policy(5)
  std::string text;    ///< a sentence
  std::string source;  ///< document and place
  bool unmet = true;
  bool later = false;  ///< before a run: can only be met after it, so it stops nothing
};

struct Policy;  // see policy_table.h

/// A policy's verdict.
struct PolicyDecision {
  std::string id;
  std::string revision;
  std::string digest;  ///< hex SHA-256 of the TOML text
  std::string issued;
  std::string review;           ///< date by which it has to be reviewed
  bool review_overdue = false;  ///< today is past it
  bool asked_for = false;       ///< by name or by the site file
  bool met = false;
  Permits permits = Permits::nothing;
  bool not_possible_here = false;  ///< no software does what the cell needs, or not on this drive
  bool refuses = false;      ///< whatever the options are: SECRET without authority, TOP SECRET
  std::string basis;         ///< the cell and where it comes from
  std::string least_method;  ///< what the cell asks for, as a sentence
  std::vector<PolicyReason> reasons;
};

}  // namespace quietus
