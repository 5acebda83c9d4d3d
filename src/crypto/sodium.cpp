// SPDX-License-Identifier: GPL-3.0-or-later
// The one place where libsodium is initialised.
#include "crypto/sodium.h"

#include <sodium.h>

#include "crypto/libcrypto.h"

namespace quietus {

void ensure_sodium() {
  static const int kState = sodium_init();
  must(kState >= 0);
}

}  // namespace quietus
