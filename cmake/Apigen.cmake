# vmsecurity_apigen(NAME): the library NAME of what tools/apigen makes of api/openapi.yaml, below generated/model/api of
# the build folder. Its headers are included as "model/api/tables.h".

# Debian's own Python has the packages; one that a version manager puts first in PATH may not.
set(VMSECURITY_PYTHON /usr/bin/python3 CACHE FILEPATH "Python 3.11 or newer with PyYAML and Jinja2")
execute_process(COMMAND ${VMSECURITY_PYTHON} -c "import sys, yaml, jinja2; sys.exit(sys.version_info < (3, 11))"
                RESULT_VARIABLE python_fails ERROR_QUIET)
if(python_fails)
    message(FATAL_ERROR "${VMSECURITY_PYTHON} is no Python 3.11 with PyYAML and Jinja2: run script/setup, or set "
                        "VMSECURITY_PYTHON")
endif()

function(vmsecurity_apigen NAME)
    set(spec ${PROJECT_SOURCE_DIR}/api/openapi.yaml)
    set(root ${PROJECT_BINARY_DIR}/generated)
    set(out ${root}/model/api)
    set(shards 4)
    set(headers tables.h display.h routes.h openapi.h types.h json.h)
    set(sources tables.cpp display.cpp routes.cpp openapi.cpp types.cpp)
    foreach(shard RANGE 1 ${shards})
        list(APPEND sources json_${shard}.cpp)
    endforeach()
    list(TRANSFORM headers PREPEND ${out}/)
    list(TRANSFORM sources PREPEND ${out}/)
    file(GLOB generator CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tools/apigen/*.py
                                          ${PROJECT_SOURCE_DIR}/tools/apigen/templates/*.j2)
    list(FILTER generator EXCLUDE REGEX "_test\\.py$")
    # apigen leaves a file alone that would not change; the stamp says that it ran.
    add_custom_command(
        OUTPUT ${out}/stamp
        BYPRODUCTS ${headers} ${sources}
        COMMAND ${VMSECURITY_PYTHON} -B ${PROJECT_SOURCE_DIR}/tools/apigen/apigen.py --spec ${spec} --out ${out}
                --shards ${shards}
        COMMAND ${CMAKE_COMMAND} -E touch ${out}/stamp
        DEPENDS ${spec} ${generator}
        COMMENT "Making the API's code from api/openapi.yaml"
        VERBATIM)
    add_custom_target(${NAME}_generated DEPENDS ${out}/stamp)

    add_library(${NAME} STATIC ${sources})
    add_dependencies(${NAME} ${NAME}_generated)
    target_link_libraries(${NAME} PUBLIC vmsecurity_options model_schema)
    target_include_directories(${NAME} PUBLIC ${root})
endfunction()
