// Made by tools/apigen from api/openapi.yaml.
#include "model/api/openapi.h"

#include <string>

namespace vmsecurity::model::api {
namespace {

// In pieces, because compilers need not take a literal of more than 64 KiB.
constexpr std::string_view kPieces[] = {
    R"json({"openapi":"3.0.3","info":{"title":"Small","version":"1"},"paths":{"/things":{"get":{"operationId":"GetThings","x-role":"viewer","x-lane":"read","parameters":[{"$ref":"#/components/parameters/top"}],"responses":{"400":{"description":"Wrong."},"default":{"description":"Failed."},"200":{"description":"All."}}}},"/things/{thingID}":{"parameters":[{"name":"thingID","in":"path","required":true,"schema":{"type":"string","minLength":1}}],"patch":{"operationId":"PatchThing","x-role":"operator","x-scanner":true,"x-lane":"write","x-handler":"streaming","requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}},"responses":{"400":{"description":"Wrong."},"default":{"description":"Failed."},"200":{"description":"It."}}}}},"components":{"parameters":{"top":{"name":"$top","in":"query","schema":{"type":"integer"}}},"schemas":{"Metadata":{"type":"object","properties":{"note":{"type":"string"}}},"Thing":{"x-collection":{"name":"things","singular":"thing","table":"things","separate":["raw"]},"x-display":{"short":"t","columns":{"SEVERITY":"info/severity","OWNER":["owner/seen","owner/id"]}},"x-hot":{"seen":"seen","severity":"info/severity","owner_id":"owner/id"},"type":"object","allOf":[{"$ref":"#/components/schemas/Metadata"}],"properties":{"id":{"type":"string","readOnly":true},"seen":{"type":"string","format":"date-time"},"labels":{"type":"array","nullable":true,"maxItems":9,"items":{"type":"string"}},"info":{"$ref":"#/components/schemas/Info"},"owner":{"$ref":"#/components/schemas/ThingRelationship"},"raw":{"type":"object","additionalProperties":true},"@odata.weight":{"type":"number","minimum":0,"maximum":1}}},"ThingRelationship":{"x-relation":"things","type":"object","required":["id"],"properties":{"id":{"type":"string"},"seen":{"type":"string","format":"date-time"}}},"Info":{"anyOf":[{"$ref":"#/components/schemas/Flaw"},{"$ref":"#/components/schemas/Setting"}],"discriminator":{"propertyName":"kind","mapping":{"flaw":"#/components/schemas/Flaw","setting":"#/components/schemas/Setting"}}},"Flaw":{"type":"object","required":["kind"],"properties":{"kind":{"type":"string"},"severity":{"$ref":"#/components/schemas/FlawSeverity"},"score":{"type":"integer"}}},"Setting":{"type":"object","additionalProperties":false,"minProperties":1,"required":["kind","name"],"properties":{"kind":{"type":"string"},"name":{"type":"string","minLength":1,"maxLength":40},"severity":{"type":"string","enum":["Weak","Grave"],"x-name":"SettingSeverity","x-ranked":[1,3]}}},"FlawSeverity":{"type":"string","enum":["LOW","MEDIUM","HIGH"],"x-ranked":[1,2,3]}}}})json",
};

}  // namespace

std::string_view openapi_json() {
    static const std::string text = [] {
        std::string whole;
        for (const std::string_view piece : kPieces) whole += piece;
        return whole;
    }();
    return text;
}

}  // namespace vmsecurity::model::api
