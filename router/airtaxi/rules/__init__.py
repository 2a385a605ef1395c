"""The rules of a day plan, one function each, as ``docs/airtaxi_model.md`` states them.

Nothing here is shared with any planner: times, charge and money are worked out
again from the problem alone.
"""
