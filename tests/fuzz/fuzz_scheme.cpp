// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target: scheme files. Whatever the text, nothing crashes; a scheme that is accepted has
// passes, arranges, and can be filled.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "quietus/fill.h"
#include "quietus/keystream.h"
#include "quietus/scheme.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void check_accepted(const quietus::Scheme& scheme) {
  using namespace quietus;
  require(!scheme.passes.empty() && scheme.passes.size() <= 1000);
  require(scheme.status == SchemeStatus::custom && !find_scheme(scheme.id).ok());
  for (const Pass& pass : scheme.passes) require(!to_text(pass.pattern).empty());
  const std::array<std::byte, Secret::kBytes> zeros{};
  Draw draw(zeros);
  require(arrange(scheme, 2, draw).size() == 2 * scheme.passes.size());
  // Each key takes a page of locked memory: the first passes are enough here.
  Scheme first = scheme;
  if (first.passes.size() > 8) first.passes.resize(8);
  const auto job = Secret::from(zeros);
  require(job.ok());
  const auto passes = prepare(first, 1, *job, 0, default_keystream());
  require(passes.ok() && (*passes).size() == first.passes.size());
  std::array<std::byte, 1031> whole{};
  std::array<std::byte, 1031> parts{};
  for (const PassContent& pass : *passes) {
    fill(pass, 0, 509, whole);
    fill(pass, 0, 509, std::span(parts).first(7));
    fill(pass, 0, 516, std::span(parts).subspan(7));
    require(whole == parts);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto scheme = quietus::scheme_from_toml(text, "fuzz.toml");
  if (scheme.ok()) {
    check_accepted(*scheme);
  } else {
    require(scheme.error().code == quietus::Errc::malformed);
    require(scheme.error().what.starts_with("fuzz.toml:"));
  }
  return 0;
}
