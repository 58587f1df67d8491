# ruff: noqa: E501  # sentences
"""The page's sentences, in Dutch and in English: the same facts, in the order in which they decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["nl", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in one language. Braces are filled in with numbers that are written in it."""

    language: Language
    decimal: str
    to: str
    title: str
    subtitle: str
    model: str
    short: str
    short_better: dict[str, str]
    short_same: dict[str, str]
    short_worse: dict[str, str]
    short_lever: str
    short_orders: str
    orders_more: str
    orders_fewer: str
    orders_same: str
    short_nobody_loses: str
    short_losers: str
    change: str
    how_sure: str
    turn: str
    loses: str
    more_pages: str
    wasted: str
    spoken: str
    same: str
    better: str
    worse: str
    verdicts: dict[str, str]
    lever: str
    levers_said: str
    instead: str
    at_least: str
    at_most: str
    percent: str
    no_levers: str
    small_levers: str
    harm: str
    sure: str
    calibrated: str
    not_calibrated: str
    against_oldest: str
    under_effect: str
    least: str
    least_same: str
    least_differs: str
    of_figure: str
    no_effects: str
    list_day: str
    no_list_day: str
    silences: str
    silence: str
    no_silences: str
    map_said: str
    no_map: str
    chosen: str
    lose: str
    nobody_loses: str
    gain_less: str
    left_out: str
    nobody_left_out: str
    too_small: str
    groups_sure: str
    cost: str
    monthly: str
    baselines: str
    baseline_head: tuple[str, ...]
    plots: tuple[str, str, str]
    numbers: str
    groups: str
    group_head: tuple[str, ...]
    map_title: str
    map_head: str
    team: str
    limits: str
    limit_points: tuple[str, ...]
    figures: dict[str, str]
    orders: dict[str, str]
    effects: dict[str, str]
    levers: dict[str, str]
    creditors: dict[str, str]
    groups_named: dict[str, str]
    notes: dict[str, str]
    made: str


EN = Words(
    language="en",
    decimal=".",
    to="to",
    title="What the list gains",
    subtitle="Policy {policy}, {cities} simulated cities of {dwellings} dwellings each, {workers} full-time workers per 10,000 inhabitants",
    model="This is a model, not a measurement: no trial of prioritising in early signalling was found. It compares courses of the same city; it forecasts no amounts.",
    short="In short",
    short_better={
        "wasted": "Live, fewer bells are rung for nothing: {more} of 100 visits and calls ({low} to {high}).",
        "spoken_in_need": "More households in need are spoken with: {more} per 10,000 dwellings and year ({low} to {high}).",
        "averted": "More harm is averted: {more} per 10,000 dwellings and year ({low} to {high}).",
    },
    short_same={
        "wasted": "That live fewer bells are rung for nothing is not shown: {more} of 100 visits and calls ({low} to {high}).",
        "spoken_in_need": "That more households in need are spoken with is not shown: {more} per 10,000 dwellings and year ({low} to {high}).",
        "averted": "That more harm is averted is not shown: {more} per 10,000 dwellings and year ({low} to {high}).",
    },
    short_worse={
        "wasted": "Live, more bells are rung for nothing: {more} of 100 visits and calls ({low} to {high}).",
        "spoken_in_need": "Fewer households in need are spoken with: {more} per 10,000 dwellings and year ({low} to {high}).",
        "averted": "Less harm is averted: {more} per 10,000 dwellings and year ({low} to {high}).",
    },
    short_lever="What gains most of all that was run: {name}, as much as {more} visits and calls ({low} to {high}).",
    short_orders="In need and spoken with, the order of the policy against simple ones, all live: {said}.",
    orders_more="surely more than {names}",
    orders_fewer="surely fewer than {names}",
    orders_same="no difference is shown from {names}",
    short_nobody_loses="No group is surely found less often.",
    short_losers="Groups lose by it: see below.",
    change="What changes: live instead of a monthly file, with the same team",
    how_sure="How sure that is",
    turn="What would change the conclusion",
    loses="Who loses",
    more_pages="Beneath the decision",
    wasted="Of 100 visits and calls, {here} instead of {there} are at who had paid or had a plan: a difference of {more} ({low} to {high}). {verdict}",
    spoken="Of the households that would come to harm within a year, {here} instead of {there} are spoken with per 10,000 dwellings and year: a difference of {more} ({low} to {high}). {verdict}",
    same="Chance alone may give that: no gain is shown.",
    better="That is beyond chance.",
    worse="That is beyond chance, and it is a loss.",
    verdicts={"same": "not shown", "better": "a gain", "worse": "a loss"},
    lever="{name} {more} ({low} to {high})",
    levers_said="As much as so many visits and calls more, with the monthly file: {levers}.",
    instead=" instead of ",
    at_least="at least ",
    at_most="at most ",
    percent=" %",
    no_levers="What that is in visits and calls was not run (eropaf backtest --compare levers).",
    small_levers="Counted in households in need that are spoken with. An interval with zero in it shows no gain. Not in workers: visits and calls are a small part of a team's hours, and what more talks take is not modelled.",
    harm="Harm averted, of all kinds: a difference of {more} per 10,000 dwellings and year ({low} to {high}). {verdict}",
    sure="95 % intervals over {cities} cities, taken city by city, with the same luck in both courses. Ties are decided by lot.",
    calibrated="The city meets {fitted_met} of {fitted} published figures that it was fitted to, and {held_out_met} of {held_out} that were held out.",
    not_calibrated="How far the city meets published figures was not handed in (--calibration).",
    against_oldest="{policy} against oldest first, {figure} (intervals that hold together): {effects}.",
    under_effect="{more} ({low} to {high}) where help works {effect}, {verdict}",
    least="Were all ties of the policy decided against who needs help, the difference would be {more} in need and spoken with ({low} to {high}).",
    least_same="The same is shown where all its ties go against who needs help.",
    least_differs="Where all its ties go against who needs help, other things are shown: {said}.",
    of_figure="{figure}: {said}",
    no_effects="Whether it holds where help works for some more than for others was not run (eropaf backtest --compare effects).",
    list_day="With the monthly list of every city on day {day}, live differs from it by {wasted} of 100 visits and calls for nothing ({wasted_low} to {wasted_high}), and by {spoken} in need and spoken with ({spoken_low} to {spoken_high}).",
    no_list_day="What another day of the monthly list changes was not run (eropaf backtest --list-day).",
    silences="Where a kind of creditors reports nothing, the difference in who is in need and spoken with is (intervals that hold together): {said}.",
    silence="{creditors} {more} ({low} to {high})",
    no_silences="What a kind of creditors that is silent changes was not run (eropaf backtest --compare silent).",
    map_said="Of {all} combinations of inequality between areas and size of the team, ranking households surely speaks with more of those in need than ranking areas in {more}, and surely with fewer in {fewer}; in the others neither is shown to be better (overleaf).",
    no_map="Where ranking areas would do as well was not run (eropaf backtest --compare map).",
    chosen="That help works for four of ten who accept it is a choice of the model: no trial was found. So is that seven of ten creditors say what was paid.",
    lose="Found in time less often live than with the monthly file, in points of 100: {names}.",
    nobody_loses="No group is surely found in time less often live than with the monthly file.",
    gain_less="Surely gain less than the others: {names}.",
    left_out="Live, less of their harm is found in time than of others': {names}, of 100.",
    nobody_left_out="Live, of no group surely less harm is found in time than of the others.",
    too_small="Too few to say: {names}.",
    groups_sure="Surely: with intervals that hold together for all {groups} groups, and for all that is said of each.",
    cost="Trajectories cost EUR {cost} per 10,000 dwellings and year ({cost_low} to {cost_high}; EUR 650 each, {accepted} of them). Against nobody helped {evictions} evictions are averted ({low} to {high}), at EUR 5,000 to 6,000 each. Other harm has no published price, and is not in this sum: the sum decides nothing.",
    monthly="monthly file",
    baselines="The policy against simple orders, live",
    baseline_head=("order", "figure", "policy", "this order", "difference (95 %)"),
    numbers="All numbers (also in worth.csv, beside this page)",
    plots=(
        "Visits and calls for nothing, of 100",
        "Spoken with, of those in need, per 10,000 dwellings and year",
        "Harm found in time, of 100: how much more live than with the monthly file",
    ),
    groups="By group: harm found in time, of 100",
    group_head=(
        "group",
        "harm",
        "found in time",
        "more than of others",
        "more than monthly",
        "in need, of 100 passed over",
        "",
    ),
    map_title="Households ranked in place of areas: how many more of those in need are spoken with, per 10,000 dwellings and year (intervals that hold together)",
    map_head="inequality between areas (sigma)",
    team="{workers} worker",
    limits="Limits",
    limit_points=(
        "The city knows no moving house, no household that splits, no prices that rise.",
        "Days are modelled: each city has a day for its monthly list, drawn for it unless one is set, and batches come before it; six payments in ten come from the 20th on, the rest on any day, steps on any day. The monthly list hears of payments up to a month late.",
        "A household is counted once a need, a trajectory once a year, harm until a year after the last visit. In need is who owes, has no plan, and unhelped comes to harm within a year.",
        "Harm means a court order, an eviction, the end of a delivery, a disconnection, or six unpaid premiums.",
        "A real trial: eropaf trial.",
    ),
    figures={
        "wasted": "for nothing",
        "precision": "in need, of those visited or called",
        "recall": "harm, from half a year on, that a visit or call preceded",
        "spoken_in_need": "in need and spoken with",
        "days_to_talk": "days to the talk",
        "averted": "harm averted",
    },
    orders={
        "oldest-first": "oldest first",
        "largest-debt": "largest debt",
        "most-creditors": "most creditors",
        "lot": "by lot",
        "file-2015": "file of 2015",
        "area": "areas ranked",
    },
    effects={
        "equal": "for all alike",
        "rising": "more where strain is high",
        "falling": "less where strain is high",
    },
    levers={
        "live instead of monthly": "live instead of a monthly file",
        "weekly instead of monthly": "weekly instead of a monthly file",
        "calls alone": "calls alone",
        "visits alone": "visits alone",
    },
    creditors={
        "health": "health insurers",
        "energy": "energy suppliers",
        "rent": "landlords",
        "water": "water companies",
    },
    groups_named={
        "SINGLE": "living alone",
        "SINGLE_PARENT": "single parents",
        "COUPLE": "couples without children",
        "FAMILY": "with children",
        "OTHER": "other households",
        "WORK": "living on work",
        "ASSISTANCE": "on social assistance",
        "DISABILITY": "on a disability benefit",
        "PENSION": "on a state pension",
        "CORPORATION": "corporation tenants",
        "PRIVATE": "private tenants",
        "OWNER": "owners",
        "silent": "insurer never says what was paid",
        "tells": "insurer says what was paid",
        "court_orders": "court orders",
        "evictions": "evictions",
        "ends_of_delivery": "ends of delivery",
        "disconnections": "disconnections",
        "insurance_losses": "six premiums unpaid",
    },
    notes={
        "": "",
        "too few to say": "too few to say",
        "found less often": "less often",
        "found more often": "more often",
    },
    made="Made by eropaf {version} from {files}.",
)

NL = Words(
    language="nl",
    decimal=",",
    to="tot",
    title="Wat de lijst oplevert",
    subtitle="Beleid {policy}, {cities} gesimuleerde steden van elk {dwellings} woningen, {workers} fte per 10.000 inwoners",
    model="Dit is een model, geen meting: een proef naar voorrang in de vroegsignalering is niet gevonden. Het vergelijkt het verloop in dezelfde stad; het voorspelt geen aantallen.",
    short="In het kort",
    short_better={
        "wasted": "Live wordt er minder voor niets aangebeld: {more} van de 100 bezoeken en telefoontjes ({low} tot {high}).",
        "spoken_in_need": "Meer huishoudens die het nodig hebben worden gesproken: {more} per 10.000 woningen per jaar ({low} tot {high}).",
        "averted": "Meer schade wordt voorkomen: {more} per 10.000 woningen per jaar ({low} tot {high}).",
    },
    short_same={
        "wasted": "Dat er live minder voor niets wordt aangebeld, is niet aangetoond: {more} van de 100 bezoeken en telefoontjes ({low} tot {high}).",
        "spoken_in_need": "Dat meer huishoudens die het nodig hebben worden gesproken, is niet aangetoond: {more} per 10.000 woningen per jaar ({low} tot {high}).",
        "averted": "Dat meer schade wordt voorkomen, is niet aangetoond: {more} per 10.000 woningen per jaar ({low} tot {high}).",
    },
    short_worse={
        "wasted": "Live wordt er vaker voor niets aangebeld: {more} van de 100 bezoeken en telefoontjes ({low} tot {high}).",
        "spoken_in_need": "Minder huishoudens die het nodig hebben worden gesproken: {more} per 10.000 woningen per jaar ({low} tot {high}).",
        "averted": "Minder schade wordt voorkomen: {more} per 10.000 woningen per jaar ({low} tot {high}).",
    },
    short_lever="Wat het meest oplevert van alles wat is doorgerekend: {name}, evenveel als {more} bezoeken en telefoontjes ({low} tot {high}).",
    short_orders="Wie het nodig heeft en gesproken wordt, de volgorde van het beleid tegenover eenvoudige, alle live: {said}.",
    orders_more="met zekerheid meer dan {names}",
    orders_fewer="met zekerheid minder dan {names}",
    orders_same="geen verschil aangetoond met {names}",
    short_nobody_loses="Geen groep wordt met zekerheid minder vaak gevonden.",
    short_losers="Er zijn groepen die erop achteruitgaan: zie hieronder.",
    change="Wat er verandert: live in plaats van een maandbestand, met hetzelfde team",
    how_sure="Hoe zeker dat is",
    turn="Wat de conclusie zou veranderen",
    loses="Wie erop achteruitgaat",
    more_pages="Onder de beslissing",
    wasted="Van 100 huisbezoeken en telefoontjes zijn er {here} in plaats van {there} bij wie al had betaald of een regeling had: een verschil van {more} ({low} tot {high}). {verdict}",
    spoken="Van de huishoudens die binnen een jaar schade zouden lijden, worden er {here} in plaats van {there} gesproken per 10.000 woningen per jaar: een verschil van {more} ({low} tot {high}). {verdict}",
    same="Dat kan toeval zijn: winst is niet aangetoond.",
    better="Dat is meer dan toeval.",
    worse="Dat is meer dan toeval, en het is verlies.",
    verdicts={"same": "niet aangetoond", "better": "winst", "worse": "verlies"},
    lever="{name} {more} ({low} tot {high})",
    levers_said="Evenveel als zoveel meer bezoeken en telefoontjes, met het maandbestand: {levers}.",
    instead=" in plaats van ",
    at_least="minstens ",
    at_most="hoogstens ",
    percent="%",
    no_levers="Hoeveel bezoeken en telefoontjes dat scheelt, is niet doorgerekend (eropaf backtest --compare levers).",
    small_levers="Geteld in huishoudens die het nodig hebben en gesproken worden. Een interval met nul erin toont geen winst. Niet in fte: bezoeken en telefoontjes zijn een klein deel van de uren van een team, en wat meer gesprekken aan tijd kosten zit niet in het model.",
    harm="Voorkomen schade, van alle soorten: een verschil van {more} per 10.000 woningen per jaar ({low} tot {high}). {verdict}",
    sure="95%-intervallen over {cities} steden, per stad vergeleken, met in beide gevallen hetzelfde toeval. Bij gelijke stand beslist het lot.",
    calibrated="De stad voldoet aan {fitted_met} van de {fitted} gepubliceerde cijfers waarop zij is afgesteld, en aan {held_out_met} van de {held_out} die apart waren gehouden.",
    not_calibrated="In hoeverre de stad aan gepubliceerde cijfers voldoet, is niet meegegeven (--calibration).",
    against_oldest="{policy} tegenover oudste eerst, {figure} (intervallen die samen gelden): {effects}.",
    under_effect="{more} ({low} tot {high}) als hulp {effect} werkt, {verdict}",
    least="Viel elke gelijke stand van het beleid uit in het nadeel van wie hulp nodig heeft, dan was het verschil {more} die het nodig hebben en gesproken worden ({low} tot {high}).",
    least_same="Hetzelfde is aangetoond als elke gelijke stand uitvalt in het nadeel van wie hulp nodig heeft.",
    least_differs="Valt elke gelijke stand uit in het nadeel van wie hulp nodig heeft, dan is iets anders aangetoond: {said}.",
    of_figure="{figure}: {said}",
    no_effects="Of het ook geldt als hulp bij de een beter werkt dan bij de ander, is niet doorgerekend (eropaf backtest --compare effects).",
    list_day="Met de maandlijst van elke stad op dag {day} verschilt live daarvan met {wasted} van de 100 bezoeken en telefoontjes voor niets ({wasted_low} tot {wasted_high}), en met {spoken} die het nodig hebben en gesproken worden ({spoken_low} tot {spoken_high}).",
    no_list_day="Wat een andere dag van de maandlijst verandert, is niet doorgerekend (eropaf backtest --list-day).",
    silences="Als een soort schuldeisers niets meldt, is het verschil in wie het nodig heeft en gesproken wordt (intervallen die samen gelden): {said}.",
    silence="{creditors} {more} ({low} tot {high})",
    no_silences="Wat een soort schuldeisers die zwijgt verandert, is niet doorgerekend (eropaf backtest --compare silent).",
    map_said="Van {all} combinaties van ongelijkheid tussen buurten en grootte van het team spreekt wie huishoudens rangschikt er met zekerheid meer die het nodig hebben dan wie buurten rangschikt in {more}, en met zekerheid minder in {fewer}; in de andere is van geen van beide aangetoond dat die beter is (ommezijde).",
    no_map="Waar het rangschikken van buurten even goed zou zijn, is niet doorgerekend (eropaf backtest --compare map).",
    chosen="Dat hulp werkt bij vier van de tien die haar aannemen, is een keuze van het model: een proef is niet gevonden. Ook dat zeven van de tien schuldeisers melden wat betaald is.",
    lose="Live minder vaak op tijd gevonden dan met het maandbestand, in punten van de 100: {names}.",
    nobody_loses="Geen groep wordt live met zekerheid minder vaak op tijd gevonden dan met het maandbestand.",
    gain_less="Winnen er met zekerheid minder bij dan de anderen: {names}.",
    left_out="Live wordt hun schade minder vaak op tijd gevonden dan die van anderen: {names}, van de 100.",
    nobody_left_out="Live wordt van geen groep met zekerheid minder schade op tijd gevonden dan van de andere.",
    too_small="Te weinig om iets te zeggen: {names}.",
    groups_sure="Met zekerheid: met intervallen die samen gelden, voor alle {groups} groepen en voor alles wat van elk wordt gezegd.",
    cost="Trajecten kosten EUR {cost} per 10.000 woningen per jaar ({cost_low} tot {cost_high}; EUR 650 per traject, {accepted} trajecten). Vergeleken met niemand helpen worden {evictions} huisuitzettingen voorkomen ({low} tot {high}), van EUR 5.000 tot 6.000 elk. Andere schade heeft geen gepubliceerde prijs en zit niet in deze som: de som beslist niets.",
    monthly="maandbestand",
    baselines="Het beleid tegenover eenvoudige volgordes, live",
    baseline_head=("volgorde", "cijfer", "beleid", "deze volgorde", "verschil (95%)"),
    numbers="Alle cijfers (ook in worth.csv, naast deze pagina)",
    plots=(
        "Bezoeken en telefoontjes voor niets, van de 100",
        "Gesproken, van wie het nodig heeft, per 10.000 woningen per jaar",
        "Schade die op tijd is gevonden, van de 100: hoeveel meer live dan met het maandbestand",
    ),
    groups="Per groep: schade die op tijd is gevonden, van de 100",
    group_head=(
        "groep",
        "schade",
        "op tijd gevonden",
        "meer dan bij anderen",
        "meer dan per maand",
        "heeft het nodig, van de 100 overgeslagenen",
        "",
    ),
    map_title="Huishoudens gerangschikt in plaats van buurten: hoeveel meer er het nodig hebben en gesproken worden, per 10.000 woningen per jaar (intervallen die samen gelden)",
    map_head="ongelijkheid tussen buurten (sigma)",
    team="{workers} fte",
    limits="Grenzen",
    limit_points=(
        "De stad kent geen verhuizing, geen huishouden dat uiteengaat, geen prijzen die stijgen.",
        "Dagen zijn nagebootst: elke stad heeft een dag voor haar maandlijst, geloot tenzij hij is ingesteld, en leveringen komen ervoor; zes op de tien betalingen komen vanaf de 20e, de rest op elke dag, stappen op elke dag. De maandlijst hoort tot een maand later van betalingen.",
        "Een huishouden telt eenmaal per nood, een traject eenmaal per jaar, schade tot een jaar na het laatste bezoek. Wie het nodig heeft: wie schuldig is, geen regeling heeft en zonder hulp binnen een jaar schade lijdt.",
        "Schade is een vonnis, een huisuitzetting, het einde van een levering, een afsluiting of zes onbetaalde premies.",
        "Een echte proef: eropaf trial.",
    ),
    figures={
        "wasted": "voor niets",
        "precision": "heeft het nodig, van wie is bezocht of gebeld",
        "recall": "schade, vanaf een half jaar, waaraan een bezoek of telefoontje voorafging",
        "spoken_in_need": "heeft het nodig en is gesproken",
        "days_to_talk": "dagen tot het gesprek",
        "averted": "voorkomen schade",
    },
    orders={
        "oldest-first": "oudste eerst",
        "largest-debt": "hoogste schuld",
        "most-creditors": "meeste schuldeisers",
        "lot": "loting",
        "file-2015": "bestand van 2015",
        "area": "buurten op volgorde",
    },
    effects={
        "equal": "bij iedereen even goed",
        "rising": "beter waar de druk hoog is",
        "falling": "minder goed waar de druk hoog is",
    },
    levers={
        "live instead of monthly": "live in plaats van een maandbestand",
        "weekly instead of monthly": "wekelijks in plaats van een maandbestand",
        "calls alone": "alleen bellen",
        "visits alone": "alleen bezoeken",
    },
    creditors={
        "health": "zorgverzekeraars",
        "energy": "energieleveranciers",
        "rent": "verhuurders",
        "water": "waterbedrijven",
    },
    groups_named={
        "SINGLE": "alleenstaand",
        "SINGLE_PARENT": "eenoudergezinnen",
        "COUPLE": "stellen zonder kinderen",
        "FAMILY": "met kinderen",
        "OTHER": "andere huishoudens",
        "WORK": "leeft van werk",
        "ASSISTANCE": "in de bijstand",
        "DISABILITY": "met een arbeidsongeschiktheidsuitkering",
        "PENSION": "met AOW",
        "CORPORATION": "huurt van een corporatie",
        "PRIVATE": "huurt particulier",
        "OWNER": "eigenaren",
        "silent": "verzekeraar meldt nooit wat betaald is",
        "tells": "verzekeraar meldt wat betaald is",
        "court_orders": "vonnissen",
        "evictions": "huisuitzettingen",
        "ends_of_delivery": "einde van een levering",
        "disconnections": "afsluitingen",
        "insurance_losses": "zes premies onbetaald",
    },
    notes={
        "": "",
        "too few to say": "te weinig",
        "found less often": "minder vaak",
        "found more often": "vaker",
    },
    made="Gemaakt met eropaf {version} uit {files}.",
)

WORDS: dict[Language, Words] = {"en": EN, "nl": NL}
