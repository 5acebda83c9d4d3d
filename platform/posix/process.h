// SPDX-License-Identifier: GPL-3.0-or-later
// What the program sets for itself at its start.
#pragma once

namespace quietus {

/// Ignores SIGPIPE and SIGXFSZ (writes then fail with an error), turns core dumps and tracing by
/// others of the same user off, raises the number of descriptors to what is allowed (at most
/// 65,536), and keeps new files private (umask 077). What can't be set stays as it is. Once, before
/// any other thread.
void prepare_process();

}  // namespace quietus
