// SPDX-License-Identifier: GPL-3.0-or-later
// Human forms of a certificate: page, text, label; and the page that verifies certificates. Each is
// made from the signed record itself, given as JSON; nothing in them is claimed beside it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/plan.h"
#include "quietus/result.h"
#include "quietus/zone.h"

namespace quietus {

/// What was found out about one signature when the form was made.
struct FormSigner {
  std::string key_id;
  std::string role;       ///< as the statement names the signer
  std::string principal;  ///< as the trusted keys name it; empty: unknown there
  bool trusted = false;   ///< good, and by a key that is trusted for that role and time
};

/// What a human form is made of. All texts may be foreign; the forms escape them.
struct FormSource {
  /// The certificate as the page embeds it, with its final LF and the receipts put in.
  std::string envelope;
  /// The full statement: the signed body, what was disclosed put in at its place.
  std::string statement;
  std::string digest;  ///< hex SHA-256 of the PAE
  /// In any order, countersigners too. Who is missing here is shown as not checked.
  std::vector<FormSigner> signers;
  bool trusted = false;  ///< every check held. False: trust alone was missing; the form says so
  Zone zone;             ///< for local time beside UTC
  /// Policies of the record, decided again with the trusted signatures that are on it by now.
  std::vector<PolicyDecision> decided_now = {};
};

/// Base64 of a text's SHA-256, which pages name their style sheets and scripts by. This module has
/// no digests of its own.
using ContentDigest = std::function<std::string(std::string_view)>;

/// One self-contained HTML page for people, without scripts, that carries the envelope. Errors:
/// unsupported (not a certificate of a destruction), malformed (also: an envelope that cannot stand
/// in a page as it is).
[[nodiscard]] Result<std::string> html_page(const FormSource& source, const ContentDigest& digest);

/// The same facts in short, for a terminal of that many columns. Foreign text is escaped. Errors:
/// as html_page.
[[nodiscard]] Result<std::string> text_form(const FormSource& source, unsigned width);

/// A page of one label, 62 mm wide. Anything that is not certain says NOT RELEASABLE. Errors: as
/// html_page.
[[nodiscard]] Result<std::string> label_page(const FormSource& source, const ContentDigest& digest);

/// What the QR codes hold: "QT1:" and base45 (RFC 9285) of the certificate's UUID (16 bytes) and
/// digest (32 bytes). Errors: malformed.
[[nodiscard]] Result<std::string> qr_text(std::string_view certificate_id, std::string_view digest);

/// One offline HTML page that verifies certificates in a browser, by the same rules as
/// check_certificate. Trust comes from its reader.
[[nodiscard]] std::string verifier_page(const ContentDigest& digest);

/// The envelope with its receipts in its member `receipts`: those that it has, then those of
/// `receipts` that it does not have yet. The other members keep their values. Errors: malformed.
[[nodiscard]] Result<std::string> with_receipts(std::string_view envelope,
                                                const std::vector<std::string>& receipts);

/// Whether the text is an HTML page and not an envelope.
[[nodiscard]] bool is_page(std::string_view text);

/// The envelope that html_page() put into a page, byte for byte. Nothing else in the page is looked
/// at. Errors: malformed (no envelope, or more than one).
[[nodiscard]] Result<std::string> envelope_in_page(std::string_view page);

}  // namespace quietus
