// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target: revocation lists. Whatever the text, nothing crashes; what is accepted reads back as
// the same when it is written again.
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
  const auto all = revocations_from(std::string(data, data + size));
  if (!all) {
    require(all.error().code == Errc::malformed);
    return 0;
  }
  std::string written;
  for (const Revocation& one : *all) written += to_line(one);
  const auto again = revocations_from(written);
  require(again.ok() && again->size() == all->size());
  for (std::size_t i = 0; i < all->size(); ++i) {
    require((*again)[i].key_id == (*all)[i].key_id && (*again)[i].from == (*all)[i].from);
    require((*again)[i].reason == (*all)[i].reason && (*again)[i].comment == (*all)[i].comment);
  }
  return 0;
}
