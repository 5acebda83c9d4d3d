// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target: trust files. Whatever the text, nothing crashes; what is accepted are keys under
// plain names, each key under one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "quietus/trust.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quietus;
  const auto trust = trust_from(std::string(data, data + size));
  if (!trust) {
    require(trust.error().code == Errc::malformed || trust.error().code == Errc::untrusted);
    return 0;
  }
  for (const TrustedKey& key : trust->keys) {
    require(!key.principal.empty() && escaped(key.principal) == key.principal);
    const TrustedKey* first = trust->find(key_id_of(key.key));
    require(first != nullptr && first->principal == key.principal);
    for (const std::string& name : key.namespaces) {
      require(!name.empty() && name.find('*') == std::string::npos);
    }
  }
  return 0;
}
