// SPDX-License-Identifier: GPL-3.0-or-later
// BoundedList: a list in a statement that takes no more room than it was given.
#include "certificate/bounded_list.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace quietus {

using Json = nlohmann::ordered_json;

namespace {

// Each line of an item stands up to four levels further in than it would alone.
std::size_t printed_size(const Json& item) {
  constexpr std::size_t kFurtherIn = 10;
  const std::string text = item.dump(2, ' ', false, Json::error_handler_t::replace);
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  return text.size() + (lines + 1) * kFurtherIn;
}

}  // namespace

BoundedList::BoundedList(std::size_t max_bytes)
    : items_(std::make_unique<Json>(Json::array())), room_(max_bytes) {}

BoundedList::~BoundedList() = default;

bool BoundedList::add(Json item, std::size_t more_bytes) {
  const std::size_t size = left_out_ > 0 ? 0 : printed_size(item) + more_bytes;
  if (left_out_ > 0 || size > room_) {
    ++left_out_;
    return false;
  }
  room_ -= size;
  items_->push_back(std::move(item));
  return true;
}

Json BoundedList::take() { return std::exchange(*items_, Json::array()); }

}  // namespace quietus
