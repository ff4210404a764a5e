# gale_compile: the warnings and sanitizers that all our own code is built
# with.  Never installed: what a user's program is built with is its affair.
add_library(gale_compile INTERFACE)

target_compile_options(gale_compile INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
    $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
    $<$<BOOL:${GALE_WERROR}>:-Werror>)

if(GALE_SANITIZE)
    add_compile_options(-fsanitize=${GALE_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${GALE_SANITIZE})
endif()
