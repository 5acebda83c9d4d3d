// SPDX-License-Identifier: GPL-3.0-or-later
// libcryptsetup without its locks, its repairs and its messages.
#include "linux/luks_volume.h"

#include <algorithm>
#include <array>
#include <libcryptsetup.h>
#include <memory>
#include <mutex>
#include <string_view>
#include <unistd.h>

#include "posix/posix_error.h"

namespace quietus {
namespace {

constexpr std::uint64_t kSector = 512;  // what the library counts in
// LUKS1 and LUKS2 begin alike (LUKS On-Disk Format 1.2.3, figure 1; LUKS2 On-Disk Format 1.1, 2.1).
constexpr std::string_view kMagic = "LUKS\xba\xbe";

struct Free {
  void operator()(crypt_device* volume) const { ::crypt_free(volume); }
};
using Volume = std::unique_ptr<crypt_device, Free>;

void say_nothing(int /*level*/, const char* /*text*/, void* /*user*/) {}

/// The library keeps to itself what it does for all volumes, and is not made for threads.
class Library final {
 public:
  Library() : hold_(guard()) {
    ::crypt_set_log_callback(nullptr, say_nothing, nullptr);
    // Its locks are files below /run; without them it also repairs nothing while it reads.
    static_cast<void>(::crypt_metadata_locking(nullptr, 0));
  }

 private:
  static std::mutex& guard() {
    static std::mutex mutex;
    return mutex;
  }
  const std::lock_guard<std::mutex> hold_;
};

Error failure_of(int negative, const LuksDevice& device) {
  return posix_error("read the encrypted volume on", device.shown, -negative);
}

bool begins_like_luks(const LuksDevice& device) {
  std::array<char, kMagic.size()> start{};
  const ssize_t got =
      repeat_interrupted([&] { return ::pread(device.descriptor, start.data(), start.size(), 0); });
  return got == static_cast<ssize_t>(start.size()) &&
         std::string_view(start.data(), start.size()) == kMagic;
}

Error not_loaded(int negative, const LuksDevice& device) {
  if (negative != -EINVAL && negative != -ENOENT) return failure_of(negative, device);
  if (!begins_like_luks(device)) {
    return {Errc::not_found, 0, "there is no encrypted volume on " + device.shown, {}};
  }
  return {Errc::malformed,
          0,
          "the header of the encrypted volume on " + device.shown + " is damaged",
          {}};
}

Result<Volume> load(const LuksDevice& device) {
  const std::string path = "/proc/self/fd/" + std::to_string(device.descriptor);
  crypt_device* made = nullptr;
  const int begun = ::crypt_init(&made, path.c_str());
  Volume volume(made);
  if (begun < 0) return failure_of(begun, device);
  const int loaded = ::crypt_load(volume.get(), CRYPT_LUKS, nullptr);
  if (loaded < 0) return not_loaded(loaded, device);
  return volume;
}

std::string text(const char* maybe) { return maybe == nullptr ? std::string() : maybe; }

std::vector<int> slots_in_use(crypt_device* volume) {
  std::vector<int> slots;
  const int count = std::max(0, ::crypt_keyslot_max(::crypt_get_type(volume)));
  for (int slot = 0; slot < count; ++slot) {
    const crypt_keyslot_info info = ::crypt_keyslot_status(volume, slot);
    if (info != CRYPT_SLOT_INVALID && info != CRYPT_SLOT_INACTIVE) slots.push_back(slot);
  }
  return slots;
}

/// Where the last of headers and key slots ends, whatever the data offset says.
std::uint64_t end_of_metadata(crypt_device* volume) {
  std::uint64_t end = 0;
  std::uint64_t header_bytes = 0;
  std::uint64_t slots_bytes = 0;
  if (::crypt_get_metadata_size(volume, &header_bytes, &slots_bytes) == 0) {
    end = 2 * header_bytes + slots_bytes;  // LUKS2: each header twice, then the slots
  }
  const int count = std::max(0, ::crypt_keyslot_max(::crypt_get_type(volume)));
  for (int slot = 0; slot < count; ++slot) {
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
    if (::crypt_keyslot_area(volume, slot, &offset, &length) == 0) {
      end = std::max(end, offset + length);
    }
  }
  return end;
}

EncryptedVolume facts_of(crypt_device* volume, std::uint64_t device_bytes) {
  EncryptedVolume facts;
  facts.type = text(::crypt_get_type(volume));
  facts.uuid = text(::crypt_get_uuid(volume));
  facts.label = text(::crypt_get_label(volume));
  facts.cipher = text(::crypt_get_cipher(volume)) + "-" + text(::crypt_get_cipher_mode(volume));
  facts.key_bits = static_cast<std::uint32_t>(std::max(0, ::crypt_get_volume_key_size(volume))) * 8;
  facts.key_slots = slots_in_use(volume);
  facts.data_offset = ::crypt_get_data_offset(volume) * kSector;
  const std::uint64_t metadata_end = end_of_metadata(volume);
  facts.header = {0, std::min(std::max(facts.data_offset, metadata_end), device_bytes)};
  // Data can't begin within their own header, nor behind the device.
  facts.detached = facts.data_offset < metadata_end || facts.data_offset >= device_bytes;
  if (facts.detached) facts.header.length = std::min(metadata_end, device_bytes);
  return facts;
}

Error not_destroyed(int negative, int slot, const LuksDevice& device) {
  std::string operation = "destroy key slot " + std::to_string(slot) + " of";
  // The library's answer to a volume with requirements that it can't meet now.
  if (negative == -ETXTBSY) {
    return unsupported(operation, device.shown, "the volume is being re-encrypted");
  }
  return posix_error(operation, device.shown, -negative);
}

}  // namespace

Result<EncryptedVolume> read_luks(const LuksDevice& device) {
  const Library library;
  const Result<Volume> volume = load(device);
  if (!volume) return volume.error();
  return facts_of(volume->get(), device.size_bytes);
}

Status destroy_luks_slots(const LuksDevice& device) {
  const Library library;
  {
    const Result<Volume> volume = load(device);
    if (!volume) return volume.error();
    for (const int slot : slots_in_use(volume->get())) {
      const int destroyed = ::crypt_keyslot_destroy(volume->get(), slot);
      if (destroyed < 0) return not_destroyed(destroyed, slot, device);
    }
  }
  const Result<Volume> again = load(device);
  if (!again) return again.error();
  if (slots_in_use(again->get()).empty()) return {};
  return Error{Errc::io,
               0,
               "key slots of " + device.shown + " are still there after they were destroyed",
               {}};
}

}  // namespace quietus
