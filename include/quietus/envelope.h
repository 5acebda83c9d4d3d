// SPDX-License-Identifier: GPL-3.0-or-later
// Envelope: the one form in which every signed statement travels (DSSE v1, our profile). Taken
// apart and put together again; verifies nothing.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/result.h"
#include "quietus/signature.h"

namespace quietus {

struct EnvelopeSignature {
  std::string key_id;  ///< 64 lower-case hex digits
  Signature signature{};
};

/// What an envelope holds. `receipts`, `disclosures` and `attachments` are not signed.
struct Envelope {
  std::string body;                           ///< the payload, decoded: the statement's bytes
  std::vector<EnvelopeSignature> signatures;  ///< one at least, no key id twice
  std::vector<std::string> receipts;          ///< tlog-proof texts
  std::vector<std::string> disclosures;       ///< see disclosures.h
  std::vector<std::string> attachments;       ///< SSHSIGs in armor, and whole envelopes
};

/// Strict: see "What the reader takes" in quietus-certificate(5). White space between members is
/// taken; of escapes only \", \\ and \n. Errors: malformed.
[[nodiscard]] Result<Envelope> envelope_from(std::string_view text);

/// One line and its LF. Members that are empty lists are left out. Reading gives the same again.
/// All texts must be UTF-8 without control characters but LF.
[[nodiscard]] std::string to_text(const Envelope& envelope);

}  // namespace quietus
