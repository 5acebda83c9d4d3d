// SPDX-License-Identifier: GPL-3.0-or-later
// libblkid's low-level probe, without its cache and its configuration.
#include "linux/device_signatures.h"

#include <algorithm>
#include <blkid/blkid.h>
#include <cerrno>
#include <memory>
#include <string>
#include <type_traits>

#include "posix/posix_error.h"
#include "posix/text_file.h"

namespace quietus {
namespace {

struct FreeProbe {
  void operator()(blkid_probe probe) const { ::blkid_free_probe(probe); }
};
using Probe = std::unique_ptr<std::remove_pointer_t<blkid_probe>, FreeProbe>;

constexpr int kFound = 0;
constexpr int kNothingMore = 1;
constexpr int kSuperblocks = BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID | BLKID_SUBLKS_TYPE |
                             BLKID_SUBLKS_USAGE | BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_BADCSUM;
// A GUID table counts without its protective table too.
constexpr int kPartitions = BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT;

std::string value(blkid_probe probe, const char* name) {
  const char* text = nullptr;
  if (::blkid_probe_lookup_value(probe, name, &text, nullptr) != 0 || text == nullptr) return {};
  return text;
}

ContentSignature signature_of(blkid_probe probe) {
  ContentSignature found;
  found.type = value(probe, "PTTYPE");
  if (!found.type.empty()) {
    found.usage = "partition_table";
    found.uuid = value(probe, "PTUUID");
    found.offset = decimal(value(probe, "PTMAGIC_OFFSET")).value_or(0);
    return found;
  }
  found.usage = value(probe, "USAGE");
  found.type = value(probe, "TYPE");
  found.label = value(probe, "LABEL");
  found.uuid = value(probe, "UUID");
  found.offset = decimal(value(probe, "SBMAGIC_OFFSET")).value_or(0);
  return found;
}

bool set_up(blkid_probe probe, int descriptor) {
  return ::blkid_probe_set_device(probe, descriptor, 0, 0) == 0 &&
         ::blkid_probe_enable_superblocks(probe, 1) == 0 &&
         ::blkid_probe_set_superblocks_flags(probe, kSuperblocks) == 0 &&
         ::blkid_probe_enable_partitions(probe, 1) == 0 &&
         ::blkid_probe_set_partitions_flags(probe, kPartitions) == 0;
}

}  // namespace

Result<std::vector<ContentSignature>> read_signatures(int descriptor, std::string_view shown) {
  const Probe probe(::blkid_new_probe());
  if (!probe) return Error{Errc::internal, 0, "no memory for a probe", {}};
  errno = 0;
  if (!set_up(probe.get(), descriptor)) {
    return posix_error("probe", shown, errno == 0 ? EIO : errno);
  }
  std::vector<ContentSignature> found;
  for (;;) {
    errno = 0;
    const int answer = ::blkid_do_probe(probe.get());
    if (answer == kNothingMore) break;
    if (answer != kFound) return posix_error("probe", shown, errno == 0 ? EIO : errno);
    found.push_back(signature_of(probe.get()));
  }
  std::stable_sort(
      found.begin(), found.end(),
      [](const ContentSignature& a, const ContentSignature& b) { return a.offset < b.offset; });
  return found;
}

}  // namespace quietus
