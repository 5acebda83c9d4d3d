// SPDX-License-Identifier: GPL-3.0-or-later
// Whether the drives that were named are the drives that were meant. Both sides are compared as
// sets: what is expected but not named is refused, and what is named but not expected.
#include "plan/drive_binding.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

namespace quietus {
namespace {

constexpr const char* kSeeList = "`quietus list` shows what is attached";

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

/// Systems print one WWN in several ways: "0x5000...", "naa.5000...", "NAA.5000...".
std::string plain_wwn(std::string_view wwn) {
  constexpr std::array<std::string_view, 3> kPrefixes{"0x", "naa.", "eui."};
  std::string plain = trimmed(wwn);
  for (char& c : plain) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (const std::string_view prefix : kPrefixes) {
    if (plain.starts_with(prefix)) return plain.substr(prefix.size());
  }
  return plain;
}

/// What is compared of a device. Empty: it tells none.
struct Marks {
  explicit Marks(const DeviceFacts& facts)
      : serial(trimmed(facts.serial)), wwn(plain_wwn(facts.wwn)), size(facts.size_bytes) {}

  [[nodiscard]] bool only_size() const { return serial.empty() && wwn.empty(); }

  std::string serial;
  std::string wwn;
  std::uint64_t size = 0;
};

std::string quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:+-";
  if (word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// Whether two nodes are, or lie on, one drive, so that they rightly show one serial.
bool one_drive(const DeviceFacts& a, const DeviceFacts& b) {
  // The boot areas of an eMMC are disks of their own: mmcblk0boot0 beside mmcblk0.
  const auto is_area_of = [](const DeviceFacts& area, const DeviceFacts& whole) {
    return area.bus == "mmc" && area.disk.starts_with(whole.disk + "boot");
  };
  return a.disk_number == b.disk_number || is_area_of(a, b) || is_area_of(b, a) ||
         stands_on(a, b) || stands_on(b, a);
}

/// Compares one command's drives with what it expects.
class Binder {
 public:
  Binder(const DriveBinding& binding, const std::vector<Named>& named, const Attached& attached)
      : in_person_(binding.asked_in_person), attached_(attached) {
    for (const std::string& one : binding.serials) serials_.insert(trimmed(one));
    for (const std::string& one : binding.wwns) wwns_.insert(plain_wwn(one));
    sizes_.insert(binding.sizes.begin(), binding.sizes.end());
    for (const Named& one : named) {
      if (one.device) drives_.push_back(&one);
    }
  }

  std::vector<Finding> check() {
    for (const Named* drive : drives_) check_drive(*drive);
    check_expected();
    for (const Named* drive : drives_) check_unique(*drive);
    return std::move(findings_);
  }

 private:
  void refuse(std::string code, const std::string& object, std::string text, std::string hint) {
    findings_.push_back(
        {Finding::Level::refusal, std::move(code), object, std::move(text), std::move(hint)});
  }

  [[nodiscard]] bool nothing_expected() const {
    return serials_.empty() && wwns_.empty() && sizes_.empty();
  }
  [[nodiscard]] bool by_serial(const Marks& marks) const {
    return !marks.serial.empty() && serials_.contains(marks.serial);
  }
  [[nodiscard]] bool by_wwn(const Marks& marks) const {
    return !marks.wwn.empty() && wwns_.contains(marks.wwn);
  }
  [[nodiscard]] bool by_size(const Marks& marks) const {
    return marks.only_size() && sizes_.contains(marks.size);
  }

  void check_drive(const Named& drive) {
    const Marks marks(*drive.device);
    if (nothing_expected()) {
      if (in_person_) return;
      refuse("identity_unbound", drive.path,
             "nothing says that this is the drive that is meant; --yes alone is not enough",
             "add " + option_for(*drive.device));
      return;
    }
    if (by_serial(marks) || by_wwn(marks) || by_size(marks)) return;
    if (sizes_.contains(marks.size)) {
      refuse_size(drive);
      return;
    }
    refuse("identity_unexpected", drive.path, "is none of the drives that are expected",
           "if it is meant, add " + option_for(*drive.device));
  }

  void refuse_size(const Named& drive) {
    refuse("identity_size_not_enough", drive.path,
           "can't be named by its size, since it has a serial or a WWN",
           "use " + option_for(*drive.device));
  }

  void check_expected() {
    for (const std::string& serial : serials_) {
      const auto has = [&](const Marks& marks) {
        return !serial.empty() && marks.serial == serial;
      };
      if (!any_drive(has)) not_found("serial " + serial);
    }
    for (const std::string& wwn : wwns_) {
      const auto has = [&](const Marks& marks) { return !wwn.empty() && marks.wwn == wwn; };
      if (!any_drive(has)) not_found("WWN " + wwn);
    }
    for (const std::uint64_t size : sizes_) check_expected_size(size);
  }

  void check_expected_size(std::uint64_t size) {
    if (any_drive([&](const Marks& marks) { return marks.only_size() && marks.size == size; })) {
      return;
    }
    const auto drive = std::find_if(drives_.begin(), drives_.end(), [&](const Named* one) {
      return one->device->size_bytes == size;
    });
    if (drive == drives_.end()) {
      not_found("size " + std::to_string(size));
      return;
    }
    const Marks marks(*(*drive)->device);
    if (by_serial(marks) || by_wwn(marks)) refuse_size(**drive);  // others were refused before
  }

  template <class Test>
  [[nodiscard]] bool any_drive(const Test& test) const {
    return std::any_of(drives_.begin(), drives_.end(),
                       [&](const Named* drive) { return test(Marks(*drive->device)); });
  }

  void not_found(const std::string& expected) {
    refuse("identity_not_found", expected, "is expected, but none of the drives named has it",
           kSeeList);
  }

  /// A mark that two drives show does not tell which of them is meant.
  void check_unique(const Named& drive) {
    const Marks marks(*drive.device);
    const bool serial = !by_wwn(marks) && !marks.serial.empty();
    for (const Named* other : drives_) {
      if (one_drive(*other->device, *drive.device)) continue;
      if (!same_mark(marks, Marks(*other->device), serial) &&
          !same_mark(marks, Marks(*other->device), true)) {
        continue;
      }
      refuse_twin(drive, *other->device, "destroy one at a time; ");
      return;
    }
    for (const DeviceFacts& other : attached_.devices()) {
      // An empty slot of a card reader shows its reader's serial.
      if (other.size_bytes == 0 || one_drive(other, *drive.device)) continue;
      if (!same_mark(marks, Marks(other), serial)) continue;
      refuse_twin(drive, other, "");
      return;
    }
  }

  [[nodiscard]] static bool same_mark(const Marks& a, const Marks& b, bool serial) {
    return serial ? !a.serial.empty() && a.serial == b.serial : !a.wwn.empty() && a.wwn == b.wwn;
  }

  void refuse_twin(const Named& drive, const DeviceFacts& twin, const std::string& first) {
    const Marks marks(*drive.device);
    const bool told_apart = !marks.wwn.empty() && marks.wwn != Marks(twin).wwn;
    const std::string what = marks.serial == Marks(twin).serial && !marks.serial.empty()
                                 ? "serial " + marks.serial
                                 : "WWN " + drive.device->wwn;
    refuse("duplicate_serial", drive.path, twin.path + " is attached, too, with the same " + what,
           first + (told_apart
                        ? "--expect-wwn " + quoted(trimmed(drive.device->wwn)) + " tells them apart"
                        : "detach the other one"));
  }

  bool in_person_;
  const Attached& attached_;
  std::set<std::string> serials_;
  std::set<std::string> wwns_;
  std::set<std::uint64_t> sizes_;
  std::vector<const Named*> drives_;
  std::vector<Finding> findings_;
};

}  // namespace

std::string option_for(const DeviceFacts& device) {
  const Marks marks(device);
  if (!marks.serial.empty()) return "--expect-serial " + quoted(marks.serial);
  if (!marks.wwn.empty()) return "--expect-wwn " + quoted(trimmed(device.wwn));
  return "--expect-size " + std::to_string(marks.size);
}

std::vector<Finding> check_binding(const DriveBinding& binding, const std::vector<Named>& named,
                                   const Attached& attached) {
  return Binder(binding, named, attached).check();
}

}  // namespace quietus
