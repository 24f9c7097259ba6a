#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/api/tables.h"
#include "odata/bind.h"
#include "store/testing/store_fixture.h"

namespace vmsecurity::store::testing {

// Lists as the API server asks for them.
class StoreListTest : public StoreTest {
  protected:
    static odata::BoundQuery bound(const model::schema::Collection& collection,
                                   const odata::QueryText& text) {
        auto query = odata::read_query(collection, text, {.now = {0}});
        if (!query) {
            ADD_FAILURE() << query.error().describe();
            odata::BoundQuery all;
            all.collection = &collection;
            return all;
        }
        return *std::move(query);
    }

    ListAnswer list(const model::schema::Collection& collection, const odata::QueryText& text) {
        auto answer = store().list(collection, bound(collection, text), soon());
        if (!answer) {
            ADD_FAILURE() << answer.error().describe();
            return {};
        }
        return *std::move(answer);
    }

    // "a b c": the ids of what the list holds.
    static std::string ids(const std::vector<std::string>& items) {
        std::string text;
        for (const std::string& item : items) {
            const auto value = codec::parse_json(item);
            if (!text.empty()) text += ' ';
            text += codec::text_member(value->as_object(), "id");
        }
        return text;
    }
    std::string ids(const model::schema::Collection& collection, const odata::QueryText& text) {
        return ids(list(collection, text).items);
    }
    std::string filtered(const model::schema::Collection& collection, std::string_view filter) {
        return ids(collection, {.filter = filter});
    }
};

}  // namespace vmsecurity::store::testing
