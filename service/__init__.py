"""request → facts → prompt → writer → check → repair → (all sections) → consistency → summary → length → assemble → export."""
