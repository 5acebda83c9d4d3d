// SPDX-License-Identifier: GPL-3.0-or-later
// The requests of linux/btrfs.h: searching trees, and naming devices.
#include "linux/btrfs_volume.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <memory>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/block_device.h"
#include "linux/btrfs_items.h"
#include "posix/posix_error.h"

namespace quietus::btrfs {
namespace {

constexpr std::uint64_t kTop = std::numeric_limits<std::uint64_t>::max();
// BTRFS_FEATURE_INCOMPAT_* of newer headers: addresses are then not mapped by chunks alone.
constexpr std::uint64_t kExtentTreeV2 = std::uint64_t{1} << 13U;
constexpr std::uint64_t kRaidStripeTree = std::uint64_t{1} << 14U;

/// Keys from the first to the last one; `tree` 0: the volume of the descriptor.
struct Range {
  std::uint64_t tree = 0;
  std::uint64_t first_object = 0;
  std::uint64_t last_object = 0;
  std::uint32_t first_type = 0;
  std::uint32_t last_type = 0;
};

/// The request with room for its answer. The head is `struct btrfs_ioctl_search_args_v2`, whose
/// array without a size is no C++.
struct Search {
  btrfs_ioctl_search_key key{};
  std::uint64_t answer_bytes = 0;
  std::array<std::byte, 65536> answer{};
};
static_assert(offsetof(Search, answer) == sizeof(btrfs_ioctl_search_args_v2));

/// Goes on behind an item; false: there is nothing behind it.
bool advance(btrfs_ioctl_search_key& key, const Item& last) {
  key.min_objectid = last.object;
  key.min_type = last.type;
  key.min_offset = last.offset + 1;
  if (key.min_offset != 0) return true;
  if (++key.min_type <= std::numeric_limits<std::uint8_t>::max()) return true;
  key.min_type = 0;
  return ++key.min_objectid != 0;
}

/// Calls `visit` with each item of that range in order, until it returns false.
Status search(const OnFileSystem& on, const Range& range,
              const std::function<bool(const Item&)>& visit) {
  const auto request = std::make_unique<Search>();
  btrfs_ioctl_search_key& key = request->key;
  key.tree_id = range.tree;
  key.min_objectid = range.first_object;
  key.max_objectid = range.last_object;
  key.min_type = range.first_type;
  key.max_type = range.last_type;
  key.max_offset = key.max_transid = kTop;
  for (;;) {
    key.nr_items = std::numeric_limits<std::uint32_t>::max();
    request->answer_bytes = request->answer.size();
    if (::ioctl(on.descriptor, BTRFS_IOC_TREE_SEARCH_V2, request.get()) != 0) {
      return posix_error("search the trees of", on.shown);
    }
    const std::vector<Item> found = parse_found(request->answer, key.nr_items);
    if (found.empty()) return {};
    for (const Item& item : found) {
      if (!visit(item)) return {};
    }
    if (!advance(key, found.back())) return {};
  }
}

Error not_followed(const OnFileSystem& /*on*/, std::string_view why) {
  return unsupported("tell where the file lies", {}, why);
}

struct Placed {
  std::uint64_t at = 0;  ///< in the file
  FileExtent extent;
};

Result<std::vector<Placed>> extents_of(const OnFileSystem& on, std::uint64_t inode) {
  std::vector<Placed> found;
  bool all_known = true;
  const Range range{0, inode, inode, BTRFS_EXTENT_DATA_KEY, BTRFS_EXTENT_DATA_KEY};
  const Status searched = search(on, range, [&](const Item& item) {
    const auto extent = parse_file_extent(item.bytes);
    all_known = all_known && extent;
    if (extent) found.push_back({item.offset, *extent});
    return all_known;
  });
  if (!searched) return searched.error();
  if (!all_known) return not_followed(on, "it is stored in an unknown way");
  return found;
}

Result<std::vector<Chunk>> chunks_of(const OnFileSystem& on) {
  std::vector<Chunk> found;
  bool all_known = true;
  const Range range{BTRFS_CHUNK_TREE_OBJECTID, BTRFS_FIRST_CHUNK_TREE_OBJECTID,
                    BTRFS_FIRST_CHUNK_TREE_OBJECTID, BTRFS_CHUNK_ITEM_KEY, BTRFS_CHUNK_ITEM_KEY};
  const Status searched = search(on, range, [&](const Item& item) {
    auto chunk = parse_chunk(item.offset, item.bytes);
    all_known = all_known && chunk;
    if (chunk) found.push_back(std::move(*chunk));
    return all_known;
  });
  if (!searched) return searched.error();
  if (!all_known) return not_followed(on, "its devices are divided in an unknown way");
  return found;
}

/// Follows btrfs' own addresses to its devices.
class Mapper {
 public:
  Mapper(const OnFileSystem& on, std::vector<Chunk> chunks,
         std::map<std::uint64_t, std::uint64_t> devices)
      : on_(on), chunks_(std::move(chunks)), devices_(std::move(devices)) {}

  /// Pieces whose `logical` are addresses.
  [[nodiscard]] Result<std::vector<StoredPiece>> follow(Extent address) const {
    // The last chunk that begins at or before it; they are in order.
    auto chunk = std::upper_bound(
        chunks_.begin(), chunks_.end(), address.offset,
        [](std::uint64_t at, const Chunk& one) { return at < one.logical.offset; });
    if (chunk == chunks_.begin()) return moved();
    --chunk;
    const bool inside = address.end() <= chunk->logical.end();
    if (!inside) return moved();
    const auto mapped = map_range(*chunk, address);
    if (!mapped) return not_followed(on_, "it lies on devices in a way that keeps parity");
    std::vector<StoredPiece> pieces;
    for (const Mapped& one : *mapped) {
      StoredPiece piece{one.logical, {}};
      for (const Chunk::Stripe& copy : one.copies) {
        const auto device = devices_.find(copy.device_id);
        if (device == devices_.end()) return not_followed(on_, "one of its devices is missing");
        piece.copies.push_back({device->second, {copy.offset, one.logical.length}});
      }
      pieces.push_back(std::move(piece));
    }
    return pieces;
  }

 private:
  [[nodiscard]] Error moved() const {
    return {Errc::changed, 0, "cannot tell where " + on_.shown + " lies: it is being moved", {}};
  }

  const OnFileSystem& on_;
  std::vector<Chunk> chunks_;
  std::map<std::uint64_t, std::uint64_t> devices_;
};

Status add(const Placed& placed, const Mapper& mapper, StoredFile& file) {
  const FileExtent& extent = placed.extent;
  if (extent.kind == FileExtent::Kind::inline_data) {
    file.inline_bytes += extent.length;
    return {};
  }
  if (extent.disk_start == 0) return {};  // a hole
  const auto whole = mapper.follow({extent.disk_start, extent.disk_length});
  if (!whole) return whole.error();
  for (const StoredPiece& piece : *whole) {
    file.allocated.insert(file.allocated.end(), piece.copies.begin(), piece.copies.end());
  }
  if (extent.encoded) return {};
  const std::uint64_t start = extent.disk_start + extent.offset;
  auto used = mapper.follow({start, extent.length});
  if (!used) return used.error();
  for (StoredPiece& piece : *used) {
    piece.logical.offset = piece.logical.offset - start + placed.at;
    file.pieces.push_back(std::move(piece));
  }
  return {};
}

std::string uuid_text(const __u8* bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (std::size_t at = 0; at < BTRFS_UUID_SIZE; ++at) {
    if (at == 4 || at == 6 || at == 8 || at == 10) text += '-';
    text += kDigits[bytes[at] >> 4U];
    text += kDigits[bytes[at] & 0xfU];
  }
  return text;
}

/// The number of the device at a path, if the kernel says that the file system with that uuid lies
/// on it: a path may have become another device's.
std::optional<std::uint64_t> member_at(const std::string& path, const std::string& uuid,
                                       const SystemFolders& folders) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISBLK(status.st_mode)) return std::nullopt;
  const std::string member =
      folders.sys + "/fs/btrfs/" + uuid + "/devices/" + disk_name(status.st_rdev, folders);
  if (::access(member.c_str(), F_OK) != 0) return std::nullopt;
  return status.st_rdev;
}

}  // namespace

Result<std::map<std::uint64_t, std::uint64_t>> device_numbers(const OnFileSystem& on,
                                                              const SystemFolders& folders) {
  btrfs_ioctl_fs_info_args whole{};
  if (::ioctl(on.descriptor, BTRFS_IOC_FS_INFO, &whole) != 0) {
    return posix_error("ask for the devices of", on.shown);
  }
  const std::string uuid = uuid_text(&whole.fsid[0]);
  std::map<std::uint64_t, std::uint64_t> numbers;
  for (std::uint64_t id = 0; id <= whole.max_id && numbers.size() < whole.num_devices; ++id) {
    btrfs_ioctl_dev_info_args one{};
    one.devid = id;
    if (::ioctl(on.descriptor, BTRFS_IOC_DEV_INFO, &one) != 0) {
      if (errno == ENODEV) continue;
      return posix_error("ask for the devices of", on.shown);
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast)
    const auto* const path = reinterpret_cast<const char*>(&one.path[0]);
    const auto number =
        member_at(std::string(path, ::strnlen(path, sizeof one.path)), uuid, folders);
    if (!number) return not_followed(on, "one of its devices can't be found");
    numbers[id] = *number;
  }
  if (numbers.size() < whole.num_devices) return not_followed(on, "one of its devices is missing");
  return numbers;
}

Result<StoredFile> stored(const OnFileSystem& on, std::uint64_t inode,
                          const SystemFolders& folders) {
  btrfs_ioctl_feature_flags features{};
  if (::ioctl(on.descriptor, BTRFS_IOC_GET_FEATURES, &features) != 0) {
    return posix_error("ask for the features of", on.shown);
  }
  if ((features.incompat_flags & (kExtentTreeV2 | kRaidStripeTree)) != 0) {
    return not_followed(on, "it is stored in an unknown way");
  }
  const auto extents = extents_of(on, inode);
  if (!extents) return extents.error();
  auto chunks = chunks_of(on);
  if (!chunks) return chunks.error();
  auto devices = device_numbers(on, folders);
  if (!devices) return devices.error();
  const Mapper mapper(on, *std::move(chunks), *std::move(devices));
  StoredFile file;
  for (const Placed& placed : *extents) {
    if (const Status added = add(placed, mapper, file); !added) return added.error();
  }
  return file;
}

namespace {

/// The volumes and how to name them.
struct Volumes {
  std::vector<Volume> all;
  struct Place {
    std::uint64_t above = 0;
    VolumeName name;
  };
  std::map<std::uint64_t, Place> places;
};

Result<Volumes> volumes_of(const OnFileSystem& on) {
  Volumes found;
  const Range range{BTRFS_ROOT_TREE_OBJECTID, BTRFS_FS_TREE_OBJECTID, BTRFS_LAST_FREE_OBJECTID,
                    BTRFS_ROOT_ITEM_KEY, BTRFS_ROOT_BACKREF_KEY};
  const Status searched = search(on, range, [&](const Item& item) {
    const bool is_volume =
        item.object == BTRFS_FS_TREE_OBJECTID || item.object >= BTRFS_FIRST_FREE_OBJECTID;
    if (is_volume && item.type == BTRFS_ROOT_ITEM_KEY) {
      if (auto volume = parse_volume(item.object, item.bytes)) found.all.push_back(*volume);
    }
    if (is_volume && item.type == BTRFS_ROOT_BACKREF_KEY) {
      if (auto name = parse_volume_name(item.bytes)) {
        found.places[item.object] = {item.offset, *std::move(name)};
      }
    }
    return true;
  });
  if (!searched) return searched.error();
  return found;
}

/// The directory's path in its volume, with a slash behind it; empty for the volume's top, or where
/// it can't be told.
std::string directory_path(const OnFileSystem& on, std::uint64_t volume, std::uint64_t directory) {
  btrfs_ioctl_ino_lookup_args request{};
  request.treeid = volume;
  request.objectid = directory;
  if (::ioctl(on.descriptor, BTRFS_IOC_INO_LOOKUP, &request) != 0) return {};
  return std::string(&request.name[0], ::strnlen(&request.name[0], sizeof request.name));
}

std::string path_of(const OnFileSystem& on, const Volumes& volumes, std::uint64_t id) {
  constexpr int kMostLevels = 64;
  std::string path;
  for (int level = 0; level < kMostLevels && id != BTRFS_FS_TREE_OBJECTID; ++level) {
    const auto place = volumes.places.find(id);
    if (place == volumes.places.end()) break;
    const auto& [above, name] = place->second;
    const std::string tail = path.empty() ? "" : "/" + path;
    path = directory_path(on, above, name.directory) + name.name + tail;
    id = above;
  }
  return path.empty() ? "/" : path;
}

}  // namespace

Result<std::vector<std::string>> snapshots(const OnFileSystem& on) {
  btrfs_ioctl_ino_lookup_args own{};
  own.objectid = BTRFS_FIRST_FREE_OBJECTID;
  if (::ioctl(on.descriptor, BTRFS_IOC_INO_LOOKUP, &own) != 0) {
    return posix_error("ask for the volume of", on.shown);
  }
  const auto volumes = volumes_of(on);
  if (!volumes) return volumes.error();
  std::vector<std::string> paths;
  for (const std::uint64_t id : relatives(volumes->all, own.treeid)) {
    paths.push_back(path_of(on, *volumes, id));
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace quietus::btrfs
