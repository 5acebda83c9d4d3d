// SPDX-License-Identifier: GPL-3.0-or-later
// One envelope read and checked, with all that is attached to it. Certificates, plans, rechecks and
// countersignatures alike.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/certificate_check.h"
#include "quietus/envelope.h"
#include "quietus/trust.h"

#include "certificate/reading.h"

namespace quietus {

/// What an envelope is read with.
struct RecordContext {
  const TrustStore& trust;
  unsigned depth = 1;               ///< 1: not attached to anything
  std::optional<Time> proven = {};  ///< of the certificate that cites it; for a plan alone
  std::span<const std::string> receipts = {};  ///< found beside it
};

struct Record {
  CertificateCheck check;              ///< all but what is asked of it: needs, asset, policies
  StatementFacts facts;                ///< empty where the statement is malformed
  std::vector<std::string> operators;  ///< their names, as far as they are disclosed
};

/// A reason not to take a record, with its exit code; 0: none.
struct Objection {
  int exit_code = 0;
  std::string reason;
};

/// A certificate has its plan with countersignatures attached, and no more.
inline constexpr unsigned kMaxRecordDepth = 3;

[[nodiscard]] Record read_record(std::string_view text, const RecordContext& context);

/// Keeps the first.
void object(CertificateCheck& check, Objection objection);

/// Reads what is attached into `record`: SSHSIGs by its signers, countersignatures of it, and the
/// plan that it cites. Returns why one of them does not belong there or does not hold.
[[nodiscard]] Objection read_attachments(const Envelope& envelope, const RecordContext& context,
                                         Record& record);

/// The role under which the statement names the signer at this place of the envelope; empty: it
/// does not.
[[nodiscard]] std::string signer_role(const StatementFacts& facts, std::size_t place,
                                      std::string_view key_id);

}  // namespace quietus
