#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apiserver/rules/rules.h"
#include "base/result.h"
#include "codec/json.h"
#include "model/schema/validate.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

// The members of a body that its collection keeps apart (Collection::separate). They may be tens of
// megabytes, so they are taken out before anything else is done with the body.
class SeparateMembers {
  public:
    static SeparateMembers take(const model::schema::Collection& collection,
                                boost::json::object& body);

    // Stores them by the rules of the kind: a create stores those that are there, a replace removes
    // the others, a patch merges each with what is stored (RFC 7386). What is the same is not
    // written. `after` is told what follows from them. The answer are the members that changed.
    base::Result<std::vector<std::string>> store(store::Transaction& transaction, WriteKind kind,
                                                 std::string_view id,
                                                 boost::json::object& after) const;

  private:
    explicit SeparateMembers(const model::schema::Collection& collection)
        : collection_(&collection) {}

    const boost::json::value* find(std::string_view member) const;
    base::Result<bool> store_member(store::Transaction& transaction, WriteKind kind,
                                    std::string_view id, std::string_view member) const;

    const model::schema::Collection* collection_;
    std::vector<std::pair<std::string_view, boost::json::value>> members_;
};

}  // namespace vmsecurity::apiserver
