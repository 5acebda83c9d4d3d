// SPDX-License-Identifier: GPL-3.0-or-later
// The list of devices as a table: a row each, and below it what does not fit into columns.
#include "report/device_text.h"

#include <algorithm>
#include <array>
#include <ostream>

#include "quietus/device_report.h"
#include "quietus/text.h"

#include "report/columns.h"
#include "report/method_text.h"

namespace quietus {
namespace {

constexpr unsigned kLeastWidth = 80;
constexpr std::size_t kLeastModel = 8;
constexpr std::size_t kMostPath = 24;  // of 80 columns; more where there are more
constexpr std::size_t kIndent = 2;     // of a partition below its disk
constexpr std::size_t kLabel = 10;
constexpr std::string_view kNone = "-";

enum Column { path, size, kind, model, serial };
constexpr std::size_t kColumns = 5;
constexpr std::string_view kGap = "  ";

using Row = std::array<std::string, kColumns>;
using Widths = std::array<std::size_t, kColumns>;

const Row kHeadings{"DEVICE", "SIZE", "KIND", "MODEL", "SERIAL"};

/// A device, and whether it stands below its disk.
struct Entry {
  const DeviceFacts* device = nullptr;
  bool below = false;
};

std::string shown(const std::string& text) {
  return text.empty() ? std::string(kNone) : escaped(text);
}

std::string joined_texts(const std::vector<std::string>& texts, const char* between) {
  std::string all;
  for (const std::string& text : texts) {
    if (!all.empty()) all += between;
    all += text;
  }
  return all;
}

bool stands_below(const DeviceFacts& part, const DeviceFacts& disk) {
  return part.kind == DeviceKind::partition && part.disk == disk.name && part.name != disk.name;
}

std::vector<Entry> in_order(const std::vector<DeviceFacts>& devices) {
  std::vector<Entry> entries;
  for (const DeviceFacts& device : devices) {
    const bool has_disk =
        std::any_of(devices.begin(), devices.end(),
                    [&](const DeviceFacts& other) { return stands_below(device, other); });
    if (has_disk) continue;
    entries.push_back({&device, false});
    const std::size_t first = entries.size();
    for (const DeviceFacts& part : devices) {
      if (stands_below(part, device)) entries.push_back({&part, true});
    }
    std::sort(entries.begin() + static_cast<std::ptrdiff_t>(first), entries.end(),
              [](const Entry& a, const Entry& b) { return a.device->place < b.device->place; });
  }
  return entries;
}

/// A partition's model and serial are its disk's, and stand there.
Row row_for(const Entry& entry) {
  const DeviceFacts& device = *entry.device;
  const std::string bus = device.bus.empty() ? "" : " " + escaped(device.bus);
  if (entry.below) {
    return {std::string(kIndent, ' ') + escaped(device.path), human_bytes(device.size_bytes),
            std::string(name_of(device.kind)), "", ""};
  }
  return {escaped(device.path), human_bytes(device.size_bytes),
          std::string(name_of(device.storage)) + bus, shown(device.model), shown(device.serial)};
}

Widths widths_for(const std::vector<Row>& rows, std::size_t width) {
  Widths widths{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < kColumns; ++i) {
      widths.at(i) = std::max(widths.at(i), columns_of(row.at(i)));
    }
  }
  widths[path] = std::min(widths[path], kMostPath + (width - kLeastWidth) / 2);
  widths[kind] = std::min<std::size_t>(widths[kind], 17);  // "rotational virtio"
  const std::size_t gaps = kGap.size() * (kColumns - 1);
  const std::size_t rest =
      width - std::min<std::size_t>(width, widths[path] + widths[size] + widths[kind] + gaps);
  // The serial is what a person compares: the model gives way first.
  widths[serial] = std::min(widths[serial], rest - std::min(rest, kLeastModel));
  widths[model] = std::min(widths[model], rest - widths[serial]);
  return widths;
}

std::string line_of(const Row& row, const Widths& widths) {
  std::string line = filled(shortened_in_front(row[path], widths[path]), widths[path]);
  line.append(kGap).append(filled_in_front(row[size], widths[size]));
  for (const Column column : {kind, model, serial}) {
    line.append(kGap).append(
        filled(shortened(row.at(column), widths.at(column)), widths.at(column)));
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

bool is_cut(const std::string& text, std::size_t columns) { return columns_of(text) > columns; }

/// "label     text", wrapped, its further lines below the text. Without a text, nothing.
class Details {
 public:
  Details(std::ostream& out, std::size_t indent, std::size_t width)
      : out_(out), indent_(indent), width_(width) {}

  void add(const std::string& label, const std::string& text) {
    if (text.empty()) return;
    std::string head = label;
    for (const std::string& line : wrapped(text, width_ - indent_ - kLabel)) {
      out_ << std::string(indent_, ' ') << filled(head, kLabel) << line << "\n";
      head.clear();
    }
  }

 private:
  std::ostream& out_;
  std::size_t indent_;
  std::size_t width_;
};

std::string identity_text(const DeviceFacts& device) {
  std::vector<std::string> texts;
  if (!device.vendor.empty()) texts.push_back("vendor " + escaped(device.vendor));
  if (!device.serial.empty()) {
    texts.push_back("serial from " +
                    (device.serial_source.empty() ? "unknown" : escaped(device.serial_source)));
  }
  if (!device.wwn.empty()) texts.push_back("WWN " + escaped(device.wwn));
  if (!device.firmware.empty()) texts.push_back("firmware " + escaped(device.firmware));
  return joined_texts(texts, ", ");
}

std::string temperature_text(const DeviceFacts& device) {
  if (!device.temperature_millicelsius) return "unknown";
  return std::to_string(*device.temperature_millicelsius / 1000) + " C";
}

std::string facts_text(const Entry& entry) {
  const DeviceFacts& device = *entry.device;
  std::vector<std::string> texts{std::to_string(device.size_bytes) + " bytes"};
  if (!entry.below) {
    texts.push_back("sectors of " + std::to_string(device.logical_block_bytes) + ", physically " +
                    std::to_string(device.physical_block_bytes));
    texts.push_back("zones: " + shown(device.zoned));
    texts.push_back("hidden area: " + std::string(name_of(device.hidden_area)));
    texts.push_back("temperature: " + temperature_text(device));
  }
  if (device.removable) texts.emplace_back("removable");
  if (device.read_only) texts.emplace_back("read-only");
  return joined_texts(texts, "; ");
}

std::string content_text(const DeviceFacts& device) {
  if (device.content) return signatures_text(*device.content);
  return "unknown: " +
         (device.content_unknown.empty() ? "not told why" : escaped(device.content_unknown));
}

constexpr std::array<std::string_view, 5> kUseWords{"mounted on ", "swap ", "holder ", "locked by ",
                                                    "opened by "};

std::string uses_text(const DeviceFacts& device) {
  std::vector<std::string> texts;
  for (const DeviceUse& use : device.uses) {
    std::string text(kUseWords.at(static_cast<std::size_t>(use.kind)));
    text += use.by.empty() ? "somebody" : escaped(use.by);
    if (use.device != device.name && !use.device.empty()) text += " (" + escaped(use.device) + ")";
    texts.push_back(std::move(text));
  }
  return joined_texts(texts, ", ");
}

std::string cost_text(const SchemeSweeps& sweeps, const DeviceFacts& device) {
  const SchemeCost cost = cost_of(sweeps, device);
  std::string text = sweeps.scheme + ": " + std::to_string(sweeps.passes) +
                     (sweeps.passes == 1 ? " pass" : " passes");
  if (cost.estimated_seconds) {
    text += ", " + rough_duration_text(*cost.estimated_seconds) + " at " +
            std::to_string(*cost.assumed_bytes_per_second / 1'000'000) + " MB/s (assumed)";
  } else {
    text += ", time unknown";
  }
  return text;
}

void print_details(std::ostream& out, const DeviceList& list, const Entry& entry,
                   const Widths& widths, std::size_t width) {
  const DeviceFacts& device = *entry.device;
  Details details(out, entry.below ? 3 * kIndent : 2 * kIndent, width);
  const Row row = row_for(entry);
  if (is_cut(row[path], widths[path])) details.add("path", escaped(device.path));
  if (!device.stable_path.empty()) details.add("name", escaped(device.stable_path));
  if (is_cut(row[kind], widths[kind])) details.add("kind", row[kind]);
  if (is_cut(row[model], widths[model])) details.add("model", row[model]);
  if (is_cut(row[serial], widths[serial])) details.add("serial", row[serial]);
  if (!entry.below) details.add("identity", identity_text(device));
  if (!device.backing_file.empty()) {
    details.add("backing", escaped(device.backing_file) +
                               (device.backing_is_buffered ? " (through the host's cache)" : ""));
  }
  if (device.size_bytes == 0) return;  // nothing is on it, and nothing could be written
  details.add("facts", facts_text(entry));
  details.add("on it", content_text(device));
  details.add("used", uses_text(device));
  details.add("system", escaped(joined_texts(device.system_roles, ", ")));
  details.add("methods", escaped(own_methods_text(device)));
  details.add("takes", cost_text(list.sweeps, device));
}

}  // namespace

std::string signatures_text(const std::vector<ContentSignature>& signatures) {
  std::vector<std::string> texts;
  for (const ContentSignature& one : signatures) {
    std::string text = shown(one.type) + " (" + shown(one.usage);
    if (!one.label.empty()) text += ", label " + escaped(one.label);
    texts.push_back(text + ")");
  }
  return texts.empty() ? "nothing recognised" : joined_texts(texts, ", ");
}

std::string rough_duration_text(std::uint64_t seconds) {
  constexpr std::uint64_t kMinute = 60;
  constexpr std::uint64_t kHour = 60 * kMinute;
  constexpr std::uint64_t kDay = 24 * kHour;
  const auto about = [&](std::uint64_t unit, const char* name) {
    return "about " + std::to_string(seconds / unit + (seconds % unit >= unit / 2 ? 1 : 0)) + name;
  };
  if (seconds < kMinute) return "less than a minute";
  if (seconds < 2 * kHour) return about(kMinute, " min");
  if (seconds < 2 * kDay) return about(kHour, " h");
  return about(kDay, " days");
}

std::vector<std::string> root_would_add(const DeviceFacts& device, bool as_root) {
  std::vector<std::string> out;
  if (as_root) return out;
  if (!device.content) out.emplace_back("content");
  const bool unasked = device.abilities && device.abilities->commands == CommandSet::none;
  if (unasked) out.emplace_back("abilities");
  return out;
}

void print_devices(std::ostream& out, const DeviceList& list, unsigned width) {
  if (list.devices.empty()) {
    out << "This machine has no block devices, or does not show any.\n";
    return;
  }
  const std::size_t columns = std::max(width, kLeastWidth);
  const std::vector<Entry> entries = in_order(list.devices);
  std::vector<Row> rows{kHeadings};
  for (const Entry& entry : entries) rows.push_back(row_for(entry));
  const Widths widths = widths_for(rows, columns);
  out << line_of(kHeadings, widths) << "\n";
  for (std::size_t i = 0; i < entries.size(); ++i) {
    out << line_of(rows[i + 1], widths) << "\n";
    print_details(out, list, entries[i], widths, columns);
  }
  out.flush();
}

}  // namespace quietus
