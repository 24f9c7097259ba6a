#pragma once

#include "apiserver/http/call.h"

namespace vmsecurity::apiserver {

// What a write of some collections entails beside its transaction, before its answer is sent.
void follow_up(const Call& call, int status);

}  // namespace vmsecurity::apiserver
