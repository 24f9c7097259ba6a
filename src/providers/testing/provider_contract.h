#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "providers/provider.h"

// What every provider has to keep, as tests: a provider's own test file instantiates the suite with
// an environment of its kind. See providers/local/local_provider_test.cpp.
namespace vmsecurity::providers::contract {

// A provider's world, as far as the suite needs to act on it. Each test gets a new one.
class Environment {
  public:
    virtual ~Environment() = default;

    // As a new process of the control plane would have it: nothing but what lies outside is kept.
    virtual std::unique_ptr<Provider> connect() = 0;

    // Assets that can be scanned; their infos as discovery gives them.
    virtual void add_asset(const std::string& name) = 0;
    virtual void remove_asset(const std::string& name) = 0;

    // Something in the same place that is not ours, and whether it is as it was.
    virtual void add_foreign() = 0;
    virtual bool foreign_is_untouched() = 0;

    // Scanners run until they are removed, or until this is called.
    virtual void end_scanner(const std::string& asset_scan_id) = 0;

    // Makes the whole environment unreachable, and reachable again.
    virtual void set_reachable(bool reachable) = 0;
};

using MakeEnvironment = std::function<std::unique_ptr<Environment>()>;

struct NamedEnvironment {
    std::string name;
    MakeEnvironment make;
};

// Runs the suite for one more kind of provider. Call it before InitGoogleTest's tests run, from a
// static initialiser of the provider's test.
bool register_provider_contract(NamedEnvironment environment);

}  // namespace vmsecurity::providers::contract
