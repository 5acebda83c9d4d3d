// SPDX-License-Identifier: GPL-3.0-or-later
// Puts the verifier page together: one style sheet, one script, and a policy that names both by
// their digests and lets nothing else run or load.
#include "quietus/certificate_page.h"

#include "embedded/verifier_files.h"

namespace quietus {
namespace {

std::string_view file(std::string_view name) {
  for (const EmbeddedFile& one : verifier_files()) {
    if (one.name == name) return one.content;
  }
  return {};
}

/// All scripts in their order: each uses only those before it.
std::string script() {
  std::string out = "\"use strict\";\n";
  for (const EmbeddedFile& one : verifier_files()) {
    if (one.name.ends_with(".js")) out += one.content;
  }
  return out;
}

void put(std::string& page, std::string_view mark, std::string_view text) {
  const std::size_t at = page.find(mark);
  if (at != std::string::npos) page.replace(at, mark.size(), text);
}

}  // namespace

std::string verifier_page(const ContentDigest& digest) {
  const std::string code = script();
  const std::string style(file("verifier.css"));
  std::string page(file("verifier.html"));
  put(page, "@SCRIPT_DIGEST@", digest(code));
  put(page, "@STYLE_DIGEST@", digest(style));
  put(page, "@STYLE@", style);
  put(page, "@SCRIPT@", code);  // last: nothing is replaced in what was put in
  return page;
}

}  // namespace quietus
