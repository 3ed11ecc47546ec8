"""What the demo model knows. Every table is ours or common knowledge; README.md says where the rest is from."""

CAPITALS = {
    "France": "Paris", "Germany": "Berlin", "Italy": "Rome", "Spain": "Madrid", "Portugal": "Lisbon",
    "England": "London", "the United Kingdom": "London", "Ireland": "Dublin", "Belgium": "Brussels",
    "Austria": "Vienna", "Switzerland": "Bern", "Poland": "Warsaw", "Norway": "Oslo", "Sweden": "Stockholm",
    "Denmark": "Copenhagen", "Finland": "Helsinki", "Iceland": "Reykjavik", "Greece": "Athens",
    "Hungary": "Budapest", "the Czech Republic": "Prague", "Croatia": "Zagreb", "Ukraine": "Kyiv",
    "Turkey": "Ankara", "Egypt": "Cairo", "Morocco": "Rabat", "Kenya": "Nairobi", "India": "New Delhi",
    "China": "Beijing", "Japan": "Tokyo", "South Korea": "Seoul", "Thailand": "Bangkok", "Vietnam": "Hanoi",
    "Australia": "Canberra", "Canada": "Ottawa", "the United States": "Washington, D.C.", "Mexico": "Mexico City",
    "Brazil": "Brasilia", "Argentina": "Buenos Aires", "Peru": "Lima", "Cuba": "Havana",
}
OTHER_COUNTRIES = [
    "Kazakhstan", "Mongolia", "Bhutan", "Nepal", "Angola", "Bolivia", "Ecuador", "Paraguay", "Senegal", "Ghana",
    "Georgia", "Armenia", "Laos", "Fiji", "Malta", "Togo", "Chad", "Niger", "Oman", "Qatar", "Yemen", "Iraq",
    "Honduras", "Panama", "Zambia", "Uganda", "Tanzania", "Slovenia", "Latvia", "Estonia", "Albania", "Moldova",
]

OPPOSITES = {
    "hot": "cold", "big": "small", "large": "small", "tall": "short", "long": "short", "fast": "slow",
    "quick": "slow", "up": "down", "left": "right", "in": "out", "on": "off", "open": "closed", "full": "empty",
    "happy": "sad", "good": "bad", "old": "young", "new": "old", "rich": "poor", "light": "dark", "day": "night",
    "black": "white", "hard": "soft", "wet": "dry", "clean": "dirty", "early": "late", "high": "low",
    "near": "far", "loud": "quiet", "strong": "weak", "thick": "thin", "heavy": "light", "easy": "difficult",
    "first": "last", "before": "after", "above": "below", "always": "never", "love": "hate", "win": "lose",
    "buy": "sell", "push": "pull", "start": "stop", "begin": "end", "true": "false", "yes": "no", "wide": "narrow",
    "deep": "shallow", "sweet": "sour", "north": "south", "east": "west", "summer": "winter", "front": "back",
    "top": "bottom", "inside": "outside", "cold": "hot", "small": "big", "slow": "fast", "down": "up", "sad": "happy",
    "bad": "good", "young": "old", "poor": "rich", "dark": "light", "night": "day", "white": "black", "dry": "wet",
    "late": "early", "low": "high", "far": "near", "weak": "strong", "never": "always", "false": "true",
}

PLURALS = {
    "cat": "cats", "dog": "dogs", "house": "houses", "car": "cars", "tree": "trees", "book": "books",
    "apple": "apples", "table": "tables", "chair": "chairs", "bird": "birds", "day": "days", "key": "keys",
    "boy": "boys", "girl": "girls", "box": "boxes", "bus": "buses", "glass": "glasses", "dish": "dishes",
    "watch": "watches", "fox": "foxes", "church": "churches", "class": "classes", "city": "cities", "baby": "babies",
    "story": "stories", "country": "countries", "lady": "ladies", "party": "parties", "berry": "berries",
    "leaf": "leaves", "knife": "knives", "life": "lives", "wife": "wives", "wolf": "wolves", "shelf": "shelves",
    "man": "men", "woman": "women", "child": "children", "foot": "feet", "tooth": "teeth", "goose": "geese",
    "mouse": "mice", "person": "people", "ox": "oxen", "sheep": "sheep", "fish": "fish", "deer": "deer",
    "potato": "potatoes", "tomato": "tomatoes", "hero": "heroes", "photo": "photos", "piano": "pianos",
    "friend": "friends", "cloud": "clouds", "flower": "flowers", "river": "rivers", "star": "stars",
    "window": "windows", "horse": "horses", "word": "words",
}

# thing -> (sentence subject, colour)
COLOURS = {
    "the sky": "blue", "grass": "green", "snow": "white", "a banana": "yellow", "a lemon": "yellow",
    "the sun": "yellow", "blood": "red", "a tomato": "red", "a strawberry": "red", "a cherry": "red",
    "coal": "black", "the night sky": "black", "milk": "white", "a carrot": "orange", "an orange": "orange",
    "chocolate": "brown", "coffee": "brown", "a leaf": "green", "a frog": "green", "the sea": "blue",
    "a polar bear": "white", "an elephant": "grey", "a flamingo": "pink", "a crow": "black", "a pumpkin": "orange",
    "a fire engine": "red", "an emerald": "green", "a ruby": "red", "a cucumber": "green", "salt": "white",
}

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December"]
MONTH_DAYS = {"January": "31", "February": "28 days, or 29 in a leap year", "March": "31", "April": "30",
              "May": "31", "June": "30", "July": "31", "August": "31", "September": "30", "October": "31",
              "November": "30", "December": "31"}
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
            "eleventh", "twelfth"]
NUMBER_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
                "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]

WORDS = """cat dog cow pig hen bee fox owl sun sea sky egg cup hat bag bed box car bus key pen map red ten ear fish bird
bear lion wolf duck frog tree leaf rose moon star rain snow wind fire lake road door book milk cake rice soup salt blue
gold king ship train plane bread apple lemon water table chair house horse mouse sheep tiger green black white happy music
river ocean cloud stone grass flower garden window school friend family sister orange banana cherry tomato cheese butter
coffee winter summer spring yellow hello world model token""".split()

NAMES = """Anna Ben Clara David Emma Felix Grace Henry Isabel Jack Kate Leo Maria Nina Oscar Paul Quinn Rosa Sam Tom
Una Victor Wendy Xavier Yara Zoe Alice Bob Carol Dan Eve Frank Gina Hugo Ivan Julia Kevin Laura Marc Nora Olga Peter
Rita Simon Tina Ursula Vera Walter Alex Bella Chris Diana Eric Fiona George Hannah Ian Jane Karl Lisa Mike Nick
Olivia Pierre Rachel Steve Tara Lucas Louis Camille Sophie Antoine Mehmet Ayesha Wei Ravi Priya Yuki Kenji Fatima
Omar Layla Ahmed Lars Ingrid Sven Pablo Lucia Diego Carmen Giulia Marco Luca Elena Dmitri Katya Chloe Adam Noah Liam
Mia Ella Max Tim Jim John Mary Sarah James Robert Linda Susan Mark Emily Daniel Michael Amy Joe Sue Ann Pat""".split()

FAVOURITE_COLOURS = ["red", "blue", "green", "yellow", "orange", "purple", "pink", "black", "white", "brown", "grey", "gold"]
