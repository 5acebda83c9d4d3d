// SPDX-License-Identifier: GPL-3.0-or-later
// What a receipt proves of a certificate, and what its cosignatures prove of the time.
#pragma once

#include <string>

#include "quietus/certificate_check.h"
#include "quietus/trust.h"

namespace quietus {

/// `origin`: the ledger that the statement names; `digest`: hex SHA-256 of the certificate's PAE.
[[nodiscard]] ReceiptCheck check_receipt(const std::string& receipt, const std::string& origin,
                                         const std::string& digest, const TrustStore& trust);

}  // namespace quietus
