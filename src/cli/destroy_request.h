// SPDX-License-Identifier: GPL-3.0-or-later
// From options to what is planned, and the question before it is done.
#pragma once

#include <string>
#include <vector>

#include "quietus/plan.h"

#include "cli/app.h"

namespace quietus::cli {

/// What the options of `files`, `drives` or `free-space` ask for. Errors: what makes no sense, as
/// a usage error.
[[nodiscard]] Result<Request> destroy_request(const Options& options, Platform& platform);

/// --psid, or what --psid-file holds; empty: neither was given. Errors: invalid, and as guarded
/// reading has them.
[[nodiscard]] Result<std::string> psid_of(const Options& options, Platform& platform);

/// Wipes a text, such as a PSID, when it goes out of scope. The text outlives it.
class WipesAtEnd {
 public:
  explicit WipesAtEnd(std::string& text) : text_(text) {}
  ~WipesAtEnd();
  WipesAtEnd(const WipesAtEnd&) = delete;
  WipesAtEnd& operator=(const WipesAtEnd&) = delete;

 private:
  std::string& text_;
};

/// Adds the refusal of a clock that was never set.
void check_clock(const Options& options, Clock& clock, Plan& plan);

/// Asks the person at the terminal. Returns why there is no consent; empty: there is.
[[nodiscard]] std::vector<Finding> ask(const Options& options, const Plan& plan, Console& console);

}  // namespace quietus::cli
