// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target: SSH signatures and public key lines. Whatever the text, nothing crashes; what is
// accepted is exactly what would be written again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "quietus/ssh_signature.h"
#include "quietus/text.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quietus;
  const std::string text(data, data + size);
  if (const auto signature = ssh_signature_from(text)) {
    require(to_text(*signature) == text);
    require(!signature->name_space.empty());
    static_cast<void>(verify(*signature, bytes_of(text)));
  }
  if (const auto key = from_ssh_key(text)) require(text.starts_with(to_ssh_key(*key)));
  return 0;
}
