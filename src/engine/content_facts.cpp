// SPDX-License-Identifier: GPL-3.0-or-later
// Content of a pass as evidence.
#include "engine/content_facts.h"

#include <variant>

namespace quietus {

ContentFacts facts_of(const PassContent& pass, bool publish_key) {
  ContentFacts facts;
  if (const auto* fixed = std::get_if<FixedContent>(&pass.content)) {
    facts.kind = ContentFacts::Kind::fixed;
    facts.bytes = fixed->bytes;
    facts.flip_first_bit_every_bytes = fixed->flip_first_bit_every_bytes;
    return facts;
  }
  const auto& random = std::get<RandomContent>(pass.content);
  facts.keystream = random.backend->name;
  if (publish_key) facts.key = Bytes(random.key.bytes().begin(), random.key.bytes().end());
  return facts;
}

}  // namespace quietus
