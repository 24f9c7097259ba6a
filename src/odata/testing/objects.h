#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "odata/evaluate/evaluator.h"
#include "odata/testing/random.h"
#include "sql/connection.h"

namespace vmsecurity::odata::testing {

struct StoredObject {
    std::int64_t row_id = 0;
    std::string id;
    std::string document;  // canonical text
    boost::json::value value;
};

// Objects of some collections, in memory and in tables as the store lays them out.
class StoredObjects : public Objects {
  public:
    // Gives it a row_id and the canonical text. Its "id" is set unless it has one.
    void add(const schema::Collection& collection, boost::json::object document);

    const std::vector<StoredObject>& of(const schema::Collection& collection) const {
        return objects_.at(&collection);
    }
    bool has(const schema::Collection& collection) const { return objects_.contains(&collection); }
    const boost::json::value* find(const schema::Collection& collection,
                                   std::string_view id) override;
    // Makes a table for each collection, for those that it leads to too, and fills them.
    base::Result<void> write(::vmsecurity::sql::Connection& connection) const;

  protected:
    void add_collection(const schema::Collection& collection) { objects_[&collection]; }

  private:
    std::map<const schema::Collection*, std::vector<StoredObject>> objects_;
};

// Random objects of one collection and of those that it leads to.
class RandomObjects : public StoredObjects {
  public:
    RandomObjects(const schema::Collection& collection, std::size_t count, std::uint64_t seed);

    const std::vector<StoredObject>& all() const { return of(*collection_); }

  private:
    void add_all(const schema::Collection& collection, std::size_t count, int relations);
    boost::json::object object(const schema::Schema& schema);
    boost::json::value value(const schema::Type& type, const schema::Collection* relation);

    const schema::Collection* collection_;
    Random random_;
};

}  // namespace vmsecurity::odata::testing
