// SPDX-License-Identifier: GPL-3.0-or-later
// Recheck: what a certificate promises of a medium, and the signed statement about a later look at
// that medium. It says whether the content is still there, never that anything was destroyed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/certificate.h"
#include "quietus/certificate_check.h"
#include "quietus/evidence.h"
#include "quietus/extent.h"
#include "quietus/fill.h"
#include "quietus/result.h"
#include "quietus/text.h"

namespace quietus {

inline constexpr std::string_view kRecheckPredicateType =
    "urn:uuid:b5b70b9a-5c22-4bd2-9ba9-ee818ba6af03";

/// What a certificate says that a medium holds, and how to know the medium again.
struct RecheckBasis {
  std::string certificate_id;  ///< "urn:uuid:..."
  std::string digest;          ///< hex SHA-256 of its PAE
  std::string issued;          ///< as claimed by the signer
  TargetKind kind = TargetKind::image;
  std::uint64_t size_bytes = 0;
  std::string serial;  ///< empty: the certificate has none
  std::string wwn;     ///< empty: the certificate has none
  ContentFacts content;
  std::vector<Extent> exceptions;  ///< joined; not expected to hold the content
  std::uint64_t exceptions_not_listed = 0;
  std::uint64_t exception_bytes_not_listed = 0;
};

/// Reads it out of a certificate that holds. Errors: unsupported (nothing to compare with: a
/// statement that is no certificate, a file set, no final content, a key that was withheld, a
/// keystream that this version does not know; hint says what would help), malformed.
[[nodiscard]] Result<RecheckBasis> recheck_basis(const CertificateCheck& check);

/// The last pass, ready for fill() with item 0. Errors: unsupported, no_space (locked memory).
[[nodiscard]] Result<PassContent> content_of(const ContentFacts& facts);

enum class RecheckVerdict {
  matches,     ///< everything that was compared is as the certificate says
  unreadable,  ///< what could be compared is, but parts could not be read
  differs,
};

struct RecheckRow {
  RecheckVerdict verdict;
  std::string_view name;  ///< in JSON and statements
  int exit_code;
  std::string_view sentence;
};

/// All rows, from best to worst.
[[nodiscard]] std::span<const RecheckRow> recheck_table();
[[nodiscard]] const RecheckRow& row_of(RecheckVerdict verdict);

/// The medium as it was found.
struct RecheckedMedium {
  std::string path;  ///< as the user named it
  bool is_device = false;
  std::string model;   ///< of a device; empty: none told
  std::string serial;  ///< of a device; empty: none told
  std::string wwn;     ///< of a device; empty: none told
  std::uint64_t size_bytes = 0;
  std::uint32_t logical_block_bytes = 512;
};

/// How the sample was drawn: all that is needed to draw it again (sampling.h).
struct RecheckSampling {
  SamplingEvidence drawn;
  std::uint64_t cells_per_stratum = 0;
  std::uint64_t cell_bytes = 0;
};

/// What was compared, and what came of it.
struct RecheckResult {
  RecheckBasis basis;
  RecheckedMedium medium;
  std::vector<std::string> identity;   ///< of "serial", "wwn", "size": compared and equal
  std::uint64_t population_bytes = 0;  ///< of the medium, without the certificate's exceptions
  std::uint64_t left_out_bytes = 0;    ///< the certificate's exceptions
  std::uint64_t planned_bytes = 0;     ///< of the population; fewer: a sample
  std::optional<RecheckSampling> sampling;
  Time started{};
  Time finished{};
  std::uint64_t compared_bytes = 0;    ///< mismatched ones included
  std::uint64_t mismatched_bytes = 0;  ///< as whole logical blocks
  std::uint64_t unreadable_bytes = 0;
  /// The first kMaxListedExceptions ranges that differ or could not be read, by offset. Their
  /// `passes` are empty.
  std::vector<BadExtent> places;
  std::uint64_t place_bytes_not_listed = 0;
  CacheBypass cache_bypass = CacheBypass::none;
  std::optional<std::uint64_t> disk_bytes_read;  ///< see PassEvidence

  [[nodiscard]] RecheckVerdict verdict() const;
};

/// What the comparison does not cover, as sentences for people: statement and terminal have the
/// same.
[[nodiscard]] std::vector<std::string> not_covered(const RecheckResult& result);

/// To be signed with sign_statement. Its subject is the certificate, by its digest. Of `issuance`,
/// what only a run has is not used.
[[nodiscard]] Statement make_recheck_statement(const RecheckResult& result,
                                               const Issuance& issuance);

}  // namespace quietus
