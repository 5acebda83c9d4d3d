// SPDX-License-Identifier: GPL-3.0-or-later
// Where certificates come from: a file of their own, or a page that holds one.
#pragma once

#include <string>
#include <vector>

#include "quietus/platform.h"
#include "quietus/result.h"

namespace quietus::cli {

struct CertificateInput {
  std::string envelope;    ///< as it stands there; not checked yet
  bool from_page = false;  ///< nothing but the embedded record was taken
};

/// Errors: malformed (a page without exactly one record), invalid (too long), and as reading has
/// them.
[[nodiscard]] Result<CertificateInput> read_certificate(const std::string& path,
                                                        Platform& platform);

/// The exit code where reading failed: 15 or 2.
[[nodiscard]] int exit_of_reading(const Error& error);

/// The receipt in the file beside the certificate, ID.tlog-proof beside ID.cert.json; empty: none.
[[nodiscard]] std::vector<std::string> receipts_beside(const std::string& path, Platform& platform);

}  // namespace quietus::cli
