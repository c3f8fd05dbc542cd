"""Which real file is imported as what, with the counts to reach, or the sentence in which it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Real:
    """A file below the folder of real data, as a kind: how it is asked for, and what must come of it.

    ``after``: the place in the list of what must be there before, its areas; else the file comes alone.
    """

    path: str
    kind: str
    columns: Sequence[str] = ()
    how: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    said: str = ""
    after: int | None = None

    def __str__(self) -> str:
        return f"{self.path.rpartition('/')[2]} as {self.kind}{' mended' if self.how.get('fix') else ''}"


DC, PV = "dc_311_requests_wards", "maup_providence_precincts"
SH, SQ = "shanghai_poi_districts_gcj02", "suqian_admin_codes_boundaries"
LJZ, PK = "osm_shanghai_lujiazui", "package_bundled_examples"
TAXI, CH = "shenzhen_taxi_events_districts", "chicago_community_areas_age"
CASE = (
    "number=SERVICEREQUESTID",
    "category=layer",
    "reported_at=ADDDATE",
    "due_at=SERVICEDUEDATE",
    "closed_at=RESOLUTIONDATE",
    "state=SERVICEORDERSTATUS",
    "recorded_area=WARD",
    "lon=LONGITUDE",
    "lat=LATITUDE",
)

TRIP = ("number=orderid", "reported_at=Stime", "closed_at=Etime", "lon=Lng", "lat=Lat")
TRIPS = "shenzhen_taxi_od_2020_01_20_wgs84.csv"
FIX = {"fix": True}
DEGREES = {"crs": "4326"}
GCJ = {"crs": "GCJ-02"}
OPEN = {"new_categories": "open"}
NO_CRS = "the file doesn't say its CRS"
POLICE = "police_service_areas_with_65plus_population.geojson"
CALLS = "dc_311_requests_2016_07_08.csv"
DISTRICTS = "shanghai_16_districts_GCJ02_labelled_4326.geojson"
AGES = "chicago_77_community_areas_age_households_2020.geojson"
CALLS_COUNTS = {
    "new": 14_562,
    "refused": 0,
    "no_position": 1,
    "recorded_same": 14_461,
    "recorded_differs": 8,
    "without_recorded_or_position": 93,
}

REAL = [
    Real(
        path=f"{DC}/ward_2012.geojson", kind="areas", columns=["code=WARD_ID"], counts={"new": 8, "cells": 8}
    ),
    Real(path=f"{DC}/{POLICE}", kind="areas", columns=["code=NAME"], counts={"new": 56, "cells": 56}),
    Real(path=f"{DC}/{CALLS}", kind="cases", columns=CASE, how=DEGREES | OPEN, counts=CALLS_COUNTS, after=0),
    Real(
        path=f"{DC}/{CALLS}",
        kind="cases",
        columns=CASE,
        how=DEGREES,
        counts={"refused": 14_562},
        said="the category 'bulk-collection' is not known",
        after=0,
    ),
    Real(path=f"{DC}/{CALLS}", kind="cases", columns=CASE, said=NO_CRS, after=0),
    Real(
        path=f"{SH}/{DISTRICTS}",
        kind="areas",
        columns=["code=NAME"],
        how=GCJ,
        counts={"new": 16, "cells": 25},
    ),
    Real(
        path=f"{SH}/shanghai_poi_public_services.csv",
        kind="facilities",
        columns=["lon=lon_wgs84", "lat=lat_wgs84"],
        how=DEGREES,
        counts={"refused": 14_866},
        said="this is none of: 党群服务中心",
        after=5,
    ),
    Real(
        path=f"{SQ}/suqian_5_counties_WGS84_converted.geojson",
        kind="areas",
        columns=["code=adcode"],
        counts={"new": 5, "cells": 5},
    ),
    Real(
        path=f"{SQ}/suqian_5_counties_GCJ02_labelled_4326.geojson",
        kind="areas",
        columns=["code=adcode"],
        how=GCJ,
        counts={"new": 5, "cells": 5},
    ),
    Real(
        path=f"{SQ}/suqian_city_GCJ02_labelled_4326.geojson",
        kind="areas",
        columns=["code=adcode"],
        how=GCJ,
        counts={"new": 1},
    ),
    Real(
        path=f"{SQ}/suqian_villages_12digit.csv", kind="areas", how=DEGREES, said="the file holds no shapes"
    ),
    Real(
        path=f"{CH}/{AGES}",
        kind="areas",
        columns=["code=area_num_1"],
        said="row 36, field geometry: a part lies inside another part",
    ),
    Real(path=f"{CH}/{AGES}", kind="areas", columns=["code=area_num_1"], how=FIX, counts={"new": 77}),
    Real(path=f"{TAXI}/sz.shp", kind="areas", columns=["code=qh"], said=NO_CRS),
    Real(
        path=f"{TAXI}/sz.shp", kind="areas", columns=["code=qh"], how=DEGREES, counts={"new": 10, "cells": 14}
    ),
    Real(
        path=f"{PV}/precincts.zip",
        kind="areas",
        columns=["code=NAME"],
        said="2832 and 2879 overlap by 3.45 m²",
    ),
    Real(
        path=f"{PV}/precincts.zip",
        kind="areas",
        columns=["code=NAME"],
        how=FIX,
        counts={"new": 59, "cells": 61},
    ),
    Real(path=f"{PV}/new_precincts.zip", kind="areas", columns=["code=GEOID20"], counts={"new": 55}),
    Real(path=f"{PV}/districts.zip", kind="areas", columns=["code=id"], counts={"new": 15}),
    Real(path=f"{PV}/blocks.zip", kind="areas", columns=["code=GEOID10"], counts={"new": 3_014}),
    Real(
        path="gbk_shapefiles/a_ldid77_no_cpg.shp",
        kind="areas",
        columns=["code=ADMINCODE", "name=NAME"],
        counts={"new": 38},
    ),
    Real(
        path=f"{LJZ}/shanghai_buildings_wgs84.gpkg",
        kind="buildings",
        columns=["code=osm_id"],
        counts={"new": 1_450},
    ),
    Real(
        path=f"{LJZ}/shanghai_roads_wgs84.gpkg",
        kind="streets",
        columns=["kind=kind_detail"],
        counts={"new": 1_094},
    ),
    Real(
        path=f"{LJZ}/shanghai_residential_compounds_wgs84.geojson",
        kind="areas",
        columns=["code=osm_id"],
        how={"level": "compound"},
        counts={"new": 18},
    ),
    Real(
        path=f"{LJZ}/shanghai_landuse_wgs84.gpkg",
        kind="areas",
        columns=["code=osm_id"],
        said="-7531745 and 40779182 overlap by 412.95 m²",
    ),
    Real(path=f"{PK}/bubenec.gpkg", kind="buildings", said="one layer is needed, name it"),
    Real(
        path=f"{PK}/bubenec.gpkg",
        kind="buildings",
        columns=["code=uID"],
        how={"sheet": "buildings"},
        counts={"new": 144},
    ),
    Real(path=f"{PK}/bubenec.gpkg", kind="streets", how={"sheet": "streets"}, counts={"new": 35}),
    Real(path=f"{PK}/libpysal_geodanet/streets.shp", kind="streets", counts={"new": 293}),
    Real(path=f"{PK}/libpysal_geodanet/crimes.shp", kind="cases", said="no column for reported_at", after=0),
    Real(path=f"{PK}/libpysal_snow_maps/Soho_Network.shp", kind="streets", counts={"new": 118}),
    Real(
        path=f"{PK}/libpysal_snow_maps/SohoWater.shp", kind="facilities", said="no column for name", after=0
    ),
    Real(path="geos_validity_cases/geos_isvalid_half_A.csv", kind="areas", said="the file holds no shapes"),
    Real(
        path="census_2020_facts/suqian_age_5y_RAKED_ESTIMATE.csv",
        kind="residents",
        said="no column for address or building",
        after=0,
    ),
    Real(
        path=f"{TAXI}/{TRIPS}",
        kind="cases",
        columns=TRIP,
        how=DEGREES | OPEN,
        counts={"new": 10_619, "refused": 0, "outside": 12},
        after=14,
    ),
    Real(path=f"{TAXI}/{TRIPS}", kind="cases", columns=TRIP, said=NO_CRS, after=14),
    Real(
        path=f"{LJZ}/shanghai_pois_wgs84.geojson",
        kind="facilities",
        columns=["type=kind"],
        counts={"refused": 493},
        said="this is none of: 党群服务中心",
        after=23,
    ),
    Real(
        path=f"{PK}/bubenec.gpkg",
        kind="areas",
        columns=["code=uID"],
        how={"sheet": "tessellation"},
        counts={"new": 144, "cells": 144},
    ),
    Real(
        path=f"{PK}/bubenec.gpkg",
        kind="areas",
        columns=["code=ID"],
        how={"sheet": "plots"},
        said="row 3, field geometry: a gap of 271.89 m²",
    ),
    Real(
        path=f"{PK}/bubenec.gpkg",
        kind="areas",
        columns=["code=ID"],
        how={"sheet": "plots"} | FIX,
        counts={"new": 407, "cells": 407},
    ),
    Real(path=f"{PK}/libpysal_geodanet/schools.shp", kind="facilities", said="no column for name", after=0),
    Real(
        path=f"{PK}/libpysal_snow_maps/SohoPeople.shp",
        kind="cases",
        said="no column for reported_at",
        after=0,
    ),
    Real(path=f"{PK}/Helsinki.osm.pbf", kind="buildings", said="files of this kind can't be read"),
    Real(path=f"{DC}/ground_truth_flags.csv.gz", kind="cases", said="files of this kind can't be read"),
    Real(path=f"{SQ}/suqian_streets_9digit.csv", kind="areas", how=DEGREES, said="the file holds no shapes"),
    Real(path=f"{SQ}/suqian_counties_6digit.csv", kind="areas", how=DEGREES, said="the file holds no shapes"),
]
