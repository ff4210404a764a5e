# `cpack -G DEB`: three Debian packages, of the components of install.cmake.
#
#   libgale0      library
#   libgale-dev   devel
#   gale          command; its maintainer scripts are in scripts/packaging
#
# Configure with the preset "package": files have to know that they will be in
# /usr.  scripts/check-package builds, checks and tries them.
set(packaging ${PROJECT_SOURCE_DIR}/scripts/packaging)
set(library_package libgale${PROJECT_VERSION_MAJOR})

set(GALE_PACKAGE_CONTACT "Gale maintainers <maintainers@gale.example>"
    CACHE STRING "Who answers for packages that are made of this build")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME gale)
set(CPACK_PACKAGE_VENDOR "the maintainers of Gale")
set(CPACK_PACKAGE_CONTACT ${GALE_PACKAGE_CONTACT})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL library devel command)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY "=")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(what "\
Gale runs topologies: spouts emit tuples, bolts handle them, and every tuple
is followed until all that came of it has been handled, or is done again.

")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library_package})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
# libgale_redis needs the libgale beside it, which is not installed yet.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${packaging}/debian/triggers)
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "stream processing: the library
${what}This is what topology programs run with.")

set(CPACK_DEBIAN_DEVEL_PACKAGE_NAME libgale-dev)
set(CPACK_DEBIAN_DEVEL_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVEL_PACKAGE_DEPENDS "${library_package} (= ${PROJECT_VERSION}), \
libevent-dev, liblmdb-dev, liblz4-dev, libmbedtls-dev, libnng-dev, libyaml-dev")
if(GALE_REDIS)
    string(APPEND CPACK_DEBIAN_DEVEL_PACKAGE_DEPENDS ", libhiredis-dev")
endif()
set(CPACK_DEBIAN_DEVEL_PACKAGE_SUGGESTS "gale (= ${PROJECT_VERSION})")
set(CPACK_COMPONENT_DEVEL_DESCRIPTION "stream processing: to build topologies
${what}This is what topology programs are built with: headers, a static library,
and how CMake and pkg-config find them.")

set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME gale)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION net)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMMAND_PACKAGE_DEPENDS "adduser, procps")
set(CPACK_DEBIAN_COMMAND_PACKAGE_RECOMMENDS ${library_package})
set(CPACK_DEBIAN_COMMAND_PACKAGE_SUGGESTS openssl)
set(CPACK_DEBIAN_COMMAND_PACKAGE_CONTROL_EXTRA
    ${packaging}/debian/conffiles ${packaging}/debian/postinst
    ${packaging}/debian/prerm ${packaging}/debian/postrm)
set(CPACK_COMPONENT_COMMAND_DESCRIPTION "stream processing: daemons and command of a cluster
${what}This is the command gale: Nimbus and supervisors, which run topologies on
one machine or many, and what people ask of them. No daemon is started until
it is asked for (systemctl enable --now gale-nimbus gale-supervisor).")

# What Debian wants, and an installation elsewhere does not.
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/cmake/package_debian.cmake)
set(CPACK_GALE_PACKAGING ${packaging})

file(WRITE ${PROJECT_BINARY_DIR}/package_checks.cmake "\
if(NOT \"${CMAKE_INSTALL_PREFIX}\" STREQUAL /usr)
    message(FATAL_ERROR \"this build is for ${CMAKE_INSTALL_PREFIX}; packages \"
        \"are made of one for /usr: cmake --preset package\")
endif()
")
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_BINARY_DIR}/package_checks.cmake)
include(CPack)
